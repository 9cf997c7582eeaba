// HTTP itself: every request gets an answer of the contract, also one that is not HTTP.

import http from "node:http";

import { problem } from "./answers.mjs";
import { Gone } from "./bodies.mjs";
import { leaveUnread } from "./connections.mjs";
import { Problem } from "./problems.mjs";
import { answer, find } from "./routes.mjs";

const OPTIONS = {
  requireHostHeader: false, // judged below, so that its absence is answered with a problem document too
  headersTimeout: 30_000,
  requestTimeout: 120_000,
  keepAliveTimeout: 75_000,
};

export function createServer(app) {
  const answering = new WeakMap(); // the response that a socket is being given
  const serve = (request, response) => {
    answering.set(request.socket, response);
    respond(app, request, response).catch((error) => {
      process.stderr.write(`${error.stack}\n`);
      response.destroy();
    });
  };
  return http
    .createServer(OPTIONS, serve)
    .on("checkExpectation", serve)
    .on("checkContinue", (request, response) => {
      request.expectsContinue = true;
      serve(request, response);
    })
    .on("connect", (request, socket) => refuseRaw(socket, routed(request.method, request.url)))
    .on("clientError", (error, socket) => {
      const current = answering.get(socket);
      if (!socket.writable || (current?.headersSent && !current.writableFinished)) socket.destroy();
      else refuseRaw(socket, refusalOf(error));
    });
}

async function respond(app, request, response) {
  let found;
  try {
    if (request.httpVersion === "1.1" && request.headers.host === undefined) {
      throw new Problem("request_malformed", "There is no Host.");
    }
    found = await answer(app, request, response);
  } catch (error) {
    if (error instanceof Gone) return;
    found = problem(error instanceof Problem ? error : internal(error));
    leaveUnread(request, response, error.code === "request_too_large" ? 0 : undefined);
  }
  const { status, headers, body } = found;
  const length = body === null ? {} : { "Content-Length": body.length };
  response.writeHead(status, { "X-Content-Type-Options": "nosniff", ...headers, ...length });
  response.end(body);
}

function internal(error) {
  process.stderr.write(`${error.stack}\n`);
  return new Problem("internal", "Something went wrong here.");
}

/** What a method that the parser does not know would have got, else that this is not HTTP. */
function refusalOf(error) {
  const start = error.rawPacket?.toString("latin1", 0, 8192) ?? "";
  const line = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^ ]+) HTTP\/1\.[01]\r\n/.exec(start);
  if (error.code === "HPE_INVALID_METHOD" && line) return routed(line[1], line[2]);
  return new Problem("request_malformed", "The request is not HTTP that can be read.");
}

function routed(method, target) {
  try {
    find(method, target);
  } catch (error) {
    if (error instanceof Problem) return error;
  }
  return new Problem("request_malformed", "The request is not HTTP that can be read.");
}

function refuseRaw(socket, found) {
  const { status, headers, body } = problem(found);
  const all = { ...headers, "X-Content-Type-Options": "nosniff", "Content-Length": body.length, Connection: "close" };
  const head = Object.entries(all).map(([field, value]) => `${field}: ${value}\r\n`).join("");
  socket.on("error", () => socket.destroy()); // a peer that is gone already must not end the process
  socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${status} ${http.STATUS_CODES[status]}\r\n${head}\r\n`), body]));
}
