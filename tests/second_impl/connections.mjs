// The connection under a request: how it is left when an answer comes early, and when an answer is over.

import { announcesTooMuch } from "./bodies.mjs";
import { LIMITS } from "./policy.mjs";

const LINGER_MILLISECONDS = 1000;

/**
 * Prepares an answer that is given before the body was read to its end. A body known to be small is read away, and the
 * connection goes on. Any other ends it: after the answer at most `allowance` bytes more are taken, and the connection stays a
 * moment, so that a client that is still sending gets to read it. Closing at once would make the kernel reset the connection.
 */
export function leaveUnread(request, response, allowance = LIMITS.maxRequestBytes) {
  if (request.complete || !hasBody(request)) return;
  const chunked = request.headers["transfer-encoding"] !== undefined;
  if (!chunked && !announcesTooMuch(request) && !request.expectsContinue && allowance > 0) return;
  response.setHeader("Connection", "close");
  const { socket } = request;
  let left = allowance;
  request.on("data", (piece) => {
    left -= piece.length;
    if (left <= 0) request.pause();
  });
  if (left <= 0) {
    request.read(); // Node would read away what nobody has touched
    request.pause();
  }
  socket.destroySoon = () => {
    socket.end();
    const timer = setTimeout(() => socket.destroy(), LINGER_MILLISECONDS);
    socket.once("close", () => clearTimeout(timer));
    request.once("end", () => socket.destroy());
  };
}

function hasBody(request) {
  return request.headers["transfer-encoding"] !== undefined || Number(request.headers["content-length"] ?? 0) > 0;
}

/** Calls back once, when the answer has been sent or can no longer be. */
export function onceAnswered(request, response, callback) {
  const { socket } = request;
  const over = () => {
    response.off("close", over);
    socket.off("close", over);
    callback();
  };
  if (response.closed || socket.destroyed) {
    callback();
    return;
  }
  response.once("close", over);
  socket.once("close", over); // a response that waits behind others for its turn is not told
}
