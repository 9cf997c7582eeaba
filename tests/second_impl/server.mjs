// The program: settings first, everything else only once they are accepted.

import process from "node:process";

import { Rejected, readSettings } from "./settings.mjs";

const EX_UNAVAILABLE = 69;
const EX_CONFIG = 78;

function refuse(code, message) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

function accepted() {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (error instanceof Rejected) refuse(EX_CONFIG, error.message);
    throw error;
  }
}

const settings = accepted();
const provider = settings.MEDIA_STORAGE_PROVIDER;
if (provider !== "mocked") {
  refuse(EX_UNAVAILABLE, `MEDIA_STORAGE_PROVIDER is "${provider}"; this backend has only the mocked provider.`);
}

// Loaded late: a rejected configuration must cost nothing, and sharp is heavy.
const { createApp } = await import("./app.mjs");
const { createServer } = await import("./http.mjs");

const server = createServer(createApp(settings));
server.on("error", (error) => {
  refuse(EX_UNAVAILABLE, `Cannot listen on HOST "${settings.HOST}", PORT "${settings.PORT}": ${error.code}.`);
});
server.listen(Number(settings.PORT), settings.HOST, () => {
  process.stdout.write(`serving on ${settings.HOST} ${settings.PORT}\n`);
});

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, () => {
    server.close();
    server.closeAllConnections();
  });
}
