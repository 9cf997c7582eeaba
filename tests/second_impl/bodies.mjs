// Request bodies: read in pieces, and never beyond the ceiling.

import { LIMITS } from "./policy.mjs";
import { Problem } from "./problems.mjs";

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The client went away before its body was complete: there is nobody to answer. */
export class Gone extends Error {}

/** The lower-case media type of a request, and its parameters as they were written. */
export function typeOf(request) {
  const [type, ...parameters] = (request.headers["content-type"] ?? "").split(";");
  return { type: type.trim().toLowerCase(), parameters: parameters.join(";") };
}

export function announcesTooMuch(request) {
  return Number(request.headers["content-length"] ?? 0) > LIMITS.maxRequestBytes;
}

export function tooLarge() {
  return new Problem("request_too_large", `A body may have ${LIMITS.maxRequestBytes} bytes.`);
}

/** Hands every piece of the body to `take`; fails as soon as there is more than the ceiling, and stops reading there. */
export function read(request, response, take) {
  if (request.expectsContinue) response.writeContinue();
  return new Promise((resolve, reject) => {
    let size = 0;
    const onData = (piece) => {
      size += piece.length;
      if (size <= LIMITS.maxRequestBytes) {
        take(piece);
        return;
      }
      request.off("data", onData);
      request.pause();
      reject(tooLarge());
    };
    request.on("data", onData);
    request.once("end", resolve);
    request.once("close", () => reject(new Gone()));
    request.once("error", () => reject(new Gone()));
  });
}

/** The JSON value in the body. */
export async function readJson(request, response) {
  const pieces = [];
  await read(request, response, (piece) => pieces.push(piece));
  try {
    return JSON.parse(utf8.decode(Buffer.concat(pieces)));
  } catch {
    throw new Problem("request_malformed", "The body is not JSON.");
  }
}
