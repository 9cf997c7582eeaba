// The settings of contracts/runtime.yaml, and which of them go together.

const TOKEN68 = /^[A-Za-z0-9._~+/-]{16,}=*$/;
const A_CREDENTIAL = "a bearer token (token68) of 16 characters or more";
const AN_ORIGIN = "http:// or https:// and an authority, nothing more";
const A_BUCKET = "the name of a bucket or container";

// `values` or `pattern`, and `from` and `to` where it is a number, say what is accepted; `allowed` says it to people.
const SETTINGS = [
  { name: "HOST", fallback: "127.0.0.1" },
  { name: "PORT", required: true, pattern: /^[0-9]{1,5}$/, from: 1, to: 65535, allowed: "a TCP port, 1 to 65535" },
  { name: "APP_ENV", required: true, values: ["development", "test", "dev"] },
  { name: "MEDIA_STORAGE_PROVIDER", required: true, values: ["mocked", "s3", "azure"] },
  { name: "MEDIA_EXECUTION_TARGET", required: true, values: ["mocked", "emulator", "cloud"] },
  { name: "MEDIA_CLOUD_OPT_IN", values: ["yes"] },
  { name: "MEDIA_STATE_HOOKS", values: ["on"] },
  { name: "MEDIA_PUBLIC_BASE_URL", required: true, pattern: /^https?:\/\/[^/?#@]+$/, allowed: AN_ORIGIN },
  { name: "DATABASE_URL", required: true, secret: true, allowed: "any value; rows are kept in memory here" },
  { name: "MEDIA_WRITE_CREDENTIAL", required: true, secret: true, pattern: TOKEN68, allowed: A_CREDENTIAL },
  { name: "MEDIA_OPERATOR_CREDENTIAL", required: true, secret: true, pattern: TOKEN68, allowed: A_CREDENTIAL },
  { name: "MEDIA_BUILD", fallback: "unknown" },
  {
    name: "MEDIA_STORAGE_TIMEOUT_SECONDS",
    fallback: "10",
    pattern: /^[0-9]{1,3}$/,
    from: 1,
    to: 999,
    allowed: "whole seconds, 1 to 999",
  },
  { name: "MEDIA_LOCATION", fallback: "media", pattern: /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, allowed: A_BUCKET },
  { name: "MEDIA_S3_REGION", fallback: "us-east-1" },
  { name: "MEDIA_S3_ENDPOINT", pattern: /^https?:\/\//, allowed: "an http:// or https:// URL" },
  { name: "MEDIA_S3_PUBLIC_HOSTS" },
  { name: "AWS_ACCESS_KEY_ID", secret: true },
  { name: "AWS_SECRET_ACCESS_KEY", secret: true },
  { name: "AWS_SESSION_TOKEN", secret: true },
  { name: "MEDIA_AZURE_CONNECTION_STRING", secret: true },
];

/** A configuration that the contract does not allow; its message is all that is printed. */
export class Rejected extends Error {}

/** Every setting by name, judged; those that are absent and have no default are undefined. */
export function readSettings(environment) {
  const settings = Object.fromEntries(SETTINGS.map((setting) => [setting.name, judged(setting, environment[setting.name])]));
  judgeRuntime(settings);
  if (settings.MEDIA_OPERATOR_CREDENTIAL === settings.MEDIA_WRITE_CREDENTIAL) {
    throw new Rejected("MEDIA_OPERATOR_CREDENTIAL is the write credential; a different one is allowed.");
  }
  return Object.freeze(settings);
}

function judged(setting, value) {
  const { name, required, fallback, secret } = setting;
  const allowed = setting.values?.join(", ") ?? setting.allowed;
  if (value === undefined || value === "") {
    if (required) throw new Rejected(`${name} is ${value === "" ? "empty" : "not set"}; allowed: ${allowed}.`);
    return fallback;
  }
  if (!isAccepted(setting, value)) {
    throw new Rejected(`${name} is ${secret ? "set to something else" : JSON.stringify(value)}; allowed: ${allowed}.`);
  }
  return value;
}

function isAccepted({ values, pattern, from, to }, value) {
  if (values) return values.includes(value);
  if (pattern && !pattern.test(value)) return false;
  return from === undefined || (Number(value) >= from && Number(value) <= to);
}

/** The 27 combinations of provider, execution target and environment, as the three sentences that they follow from. */
function judgeRuntime(settings) {
  const { MEDIA_STORAGE_PROVIDER: provider, MEDIA_EXECUTION_TARGET: target, APP_ENV: environment } = settings;
  const runtime = `MEDIA_STORAGE_PROVIDER "${provider}" with MEDIA_EXECUTION_TARGET "${target}" and APP_ENV "${environment}"`;
  if ((provider === "mocked") !== (target === "mocked")) {
    throw new Rejected(`${runtime} is not allowed: the mocked provider and the mocked target go together, and with no other.`);
  }
  const targets = { development: ["mocked", "emulator", "cloud"], test: ["mocked", "emulator"], dev: ["cloud"] }[environment];
  if (!targets.includes(target) || (environment === "dev" && provider !== "s3")) {
    const what = environment === "dev" ? "s3 on cloud" : `the targets ${targets.join(", ")}`;
    throw new Rejected(`${runtime} is not allowed: APP_ENV ${environment} allows ${what}.`);
  }
  if (environment === "development" && target === "cloud" && settings.MEDIA_CLOUD_OPT_IN !== "yes") {
    throw new Rejected(`${runtime} is allowed only with MEDIA_CLOUD_OPT_IN "yes", which is not set.`);
  }
  if (provider === "s3" && target === "emulator" && settings.MEDIA_S3_ENDPOINT === undefined) {
    throw new Rejected("MEDIA_S3_ENDPOINT is not set; allowed for the emulator: an http:// or https:// URL.");
  }
  if (provider === "azure" && settings.MEDIA_AZURE_CONNECTION_STRING === undefined) {
    throw new Rejected("MEDIA_AZURE_CONNECTION_STRING is not set; allowed for the azure provider: its connection string.");
  }
}
