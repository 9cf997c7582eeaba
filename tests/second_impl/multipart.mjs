// multipart/form-data (RFC 7578) as it streams in. Every part that is wanted comes out as bytes.

import Busboy from "@fastify/busboy";

import { read } from "./bodies.mjs";
import { Problem } from "./problems.mjs";

// A part's header holds its file name, which may be long before it is cut to size.
const HEADER_BYTES = 256 * 1024;

/** The parts whose names are wanted, in order: {name, fileName, type, bytes}; fileName is undefined for a field. */
export async function readForm(request, response, wanted) {
  const parts = [];
  const form = parser(request);
  const parsed = new Promise((resolve, reject) => {
    form.on("file", (name, stream, fileName, _encoding, type) => {
      const pieces = [];
      stream.on("data", (piece) => wanted.includes(name) && pieces.push(piece));
      stream.on("end", () => wanted.includes(name) && parts.push({ name, fileName, type, bytes: Buffer.concat(pieces) }));
      stream.on("error", reject);
    });
    form.once("finish", resolve);
    form.on("error", reject);
  });
  let broken = false;
  const verdict = parsed.catch(() => {
    broken = true;
  });
  // What cannot be parsed is read on all the same: whether it is too large is judged before that.
  await read(request, response, (piece) => broken || form.write(piece));
  if (!broken) form.end();
  await verdict;
  if (broken) throw malformed();
  return parts;
}

function parser(request) {
  try {
    return new Busboy({
      headers: request.headers,
      preservePath: true,
      limits: { headerSize: HEADER_BYTES },
      isPartAFile: () => true, // fields too, so that their bytes are decoded by us, strictly
    });
  } catch {
    throw malformed();
  }
}

function malformed() {
  return new Problem("request_malformed", "The body is not whole multipart/form-data.");
}
