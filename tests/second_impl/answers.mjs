// Answers as plain values: {status, headers, body}. Only http.mjs writes them.

const NO_STORE = { "Cache-Control": "no-store" };
const MEDIA_CACHE = "public, max-age=31536000, s-maxage=86400, immutable";

export function json(status, value) {
  return { status, headers: { ...NO_STORE, "Content-Type": "application/json" }, body: Buffer.from(JSON.stringify(value)) };
}

export function empty() {
  return { status: 204, headers: NO_STORE, body: null };
}

export function problem(found) {
  const headers = { ...NO_STORE, "Content-Type": "application/problem+json", ...found.headers };
  return { status: found.status, headers, body: Buffer.from(JSON.stringify(found.body)) };
}

export function stored({ bytes, type, etag }) {
  const headers = { "Content-Type": type, ETag: etag, "Cache-Control": MEDIA_CACHE, "Accept-Ranges": "bytes" };
  return { status: 200, headers, body: bytes };
}

export function slice({ bytes, type, etag }, first, last) {
  const whole = stored({ bytes, type, etag });
  const headers = { ...whole.headers, "Content-Range": `bytes ${first}-${last}/${bytes.length}` };
  return { status: 206, headers, body: bytes.subarray(first, last + 1) };
}

export function notModified({ etag }) {
  return { status: 304, headers: { ETag: etag, "Cache-Control": MEDIA_CACHE }, body: null };
}
