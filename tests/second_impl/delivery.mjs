// Stored objects by the path of their render URL: validators and byte ranges (RFC 9110, sections 13 and 14).

import { notModified, slice, stored } from "./answers.mjs";
import { nothingHere, Problem } from "./problems.mjs";

/** Looked up in the store under exactly this key: there is no file system behind it that a path could lead into. */
export async function deliver({ app, request, parameters }) {
  const object = await app.objects.get(`media/${parameters.folder}/${parameters.file}`);
  if (!object) throw nothingHere();
  if (matches(request.headers["if-none-match"], object.etag)) return notModified(object);
  const range = request.method === "GET" ? wantedRange(request, object) : null;
  return range ? slice(object, ...range) : stored(object);
}

function matches(header, etag) {
  if (header === undefined) return false;
  return header.trim() === "*" || (header.match(/"[^"]*"/g) ?? []).includes(etag);
}

/** [first, last], or null where the whole is the answer: no range, several, or one that is not understood. */
function wantedRange(request, { bytes, etag }) {
  const condition = request.headers["if-range"];
  if (condition !== undefined && condition.trim() !== etag) return null;
  const found = /^bytes=[ \t]*([0-9]*)-([0-9]*)[ \t]*$/i.exec(request.headers.range ?? "");
  if (!found || (found[1] === "" && found[2] === "")) return null;
  const end = bytes.length;
  if (found[1] === "") return Number(found[2]) > 0 ? [Math.max(0, end - Number(found[2])), end - 1] : unsatisfiable(end);
  const first = Number(found[1]);
  const last = found[2] === "" ? end - 1 : Math.min(Number(found[2]), end - 1);
  if (found[2] !== "" && Number(found[2]) < first) return null;
  return first < end ? [first, last] : unsatisfiable(end);
}

function unsatisfiable(end) {
  throw new Problem("range_unsatisfiable", `The object has ${end} bytes.`, { "Content-Range": `bytes */${end}` });
}
