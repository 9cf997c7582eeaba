// Paths and methods, and what is judged before an operation runs: credential, resource, request type, announced size.

import { announcesTooMuch, tooLarge, typeOf } from "./bodies.mjs";
import { deliver } from "./delivery.mjs";
import * as operations from "./operations.mjs";
import { nothingHere, Problem } from "./problems.mjs";

const JSON_ONLY = ["application/json"];
const PATCH = ["application/json", "application/merge-patch+json"];
const FORM = ["multipart/form-data"];

const ROUTES = [
  route("/artists", {
    GET: { run: operations.listArtists },
    POST: { run: operations.createArtist, writes: true, takes: JSON_ONLY },
  }),
  route("/artists/{artistID}", {
    GET: { run: operations.readArtist },
    PATCH: { run: operations.editArtist, writes: true, takes: PATCH },
    DELETE: { run: operations.deleteArtist, writes: true },
  }),
  route("/artists/{artistID}/media", {
    GET: { run: operations.listArtistMedia },
    POST: { run: operations.uploadArtistMedia, writes: true, takes: FORM },
    PUT: { run: operations.syncArtistMedia, writes: true, takes: JSON_ONLY },
  }),
  route("/artists/{artistID}/media/{mediaID}", { DELETE: { run: operations.deleteArtistMedia, writes: true } }),
  route("/media/{folder}/{file}", { GET: { run: deliver }, HEAD: { run: deliver } }),
  route("/media-policy", { GET: { run: operations.readMediaPolicy } }),
  route("/healthz", { GET: { run: operations.readHealth } }),
];

function route(pattern, methods) {
  return { segments: pattern.slice(1).split("/"), methods };
}

/** What there is for a method and a request target: {operation, parameters, query}, or the Problem that there is none. */
export function find(method, target) {
  // Not the URL class: it would resolve dot segments, and so serve paths that nobody wrote.
  const [path, ...rest] = target.replace(/^https?:\/\/[^/?]*/i, "").split("?");
  const segments = path.split("/").slice(1).map(decoded);
  for (const { segments: pattern, methods } of ROUTES) {
    const parameters = matched(pattern, segments);
    if (!parameters) continue;
    if (!Object.hasOwn(methods, method)) {
      const allowed = Object.keys(methods).join(", ");
      throw new Problem("method_not_allowed", `This path takes ${allowed}.`, { Allow: allowed });
    }
    return { operation: methods[method], parameters, query: new URLSearchParams(rest.join("?")) };
  }
  throw nothingHere();
}

/** The answer to a request. */
export async function answer(app, request, response) {
  const { operation, parameters, query } = find(request.method, request.url);
  if (operation.writes) app.credentials.judgeWriter(request);
  const artist = "artistID" in parameters ? app.records.artist(parameters.artistID) : undefined;
  if ("artistID" in parameters && !artist) throw new Problem("artist_unknown", "There is no such artist.");
  if (operation.takes) {
    judgeType(request, operation.takes);
    if (announcesTooMuch(request)) throw tooLarge();
  }
  return operation.run({ app, request, response, artist, parameters, query });
}

function judgeType(request, takes) {
  const { type, parameters } = typeOf(request);
  const charset = /charset\s*=\s*"?([^";\s]*)/i.exec(parameters)?.[1] ?? "utf-8";
  const coding = request.headers["content-encoding"] ?? "identity";
  if (!takes.includes(type) || !/^utf-?8$/i.test(charset) || coding.toLowerCase() !== "identity") {
    throw new Problem("request_type_unsupported", `This operation takes ${takes.join(" or ")}.`);
  }
}

function matched(pattern, segments) {
  if (pattern.length !== segments.length) return null;
  const parameters = {};
  for (const [index, wanted] of pattern.entries()) {
    const found = segments[index];
    if (wanted.startsWith("{") && found !== "") parameters[wanted.slice(1, -1)] = found;
    else if (wanted !== found) return null;
  }
  return parameters;
}

/** Percent-decoded; null where that is not possible, which matches no name. */
function decoded(segment) {
  try {
    return decodeURIComponent(segment);
  } catch {
    return null;
  }
}
