// Image files by their bytes: which format, how large, animated or not, and where the picture ends. Nothing is decoded here.

import { setImmediate as pause } from "node:timers/promises";
import { crc32 } from "node:zlib";

const PNG_SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");
const PNG_NEEDED = ["IHDR", "PLTE", "tRNS", "IDAT", "IEND"];

// A hostile file can consist of a million empty pieces; others are served between them.
const PIECES_AT_ONCE = 10_000;

/** Called through this object, so that what looks at a file can be replaced from outside. */
export const containers = { inspect };

/**
 * {type, width, height, animated, deep, whole, end}, or null for bytes of no accepted format. `whole` says that the container
 * is intact up to its end marker; what lies behind `end` is not picture. Sizes are 0 where the header does not tell them.
 */
async function inspect(bytes) {
  const type = signature(bytes);
  if (type === null) return null;
  const found = { type, width: 0, height: 0, animated: false, deep: false, whole: false, end: bytes.length };
  const walk = { "image/jpeg": walkJpeg, "image/png": walkPng, "image/webp": walkWebp }[type](bytes, found);
  for (let pieces = 1; !walk.next().done; pieces += 1) {
    if (pieces % PIECES_AT_ONCE === 0) await pause();
  }
  return found;
}

function signature(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return "image/jpeg";
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return "image/png";
  return name(bytes, 0) === "RIFF" && name(bytes, 8) === "WEBP" ? "image/webp" : null;
}

function* walkJpeg(bytes, found) {
  let at = 2;
  while (at + 2 <= bytes.length && bytes[at] === 0xff) {
    yield;
    while (bytes[at + 1] === 0xff) at += 1; // fill bytes
    const marker = bytes[at + 1];
    at += 2;
    if (marker === 0xd9) {
      found.whole = true;
      found.end = at;
      return;
    }
    if (marker === 0x01 || isRestart(marker)) continue; // these have no body
    if (at + 2 > bytes.length) return;
    const length = bytes.readUInt16BE(at);
    if (length < 2 || at + length > bytes.length) return;
    if (isFrame(marker) && length >= 8 && !found.width) {
      found.height = bytes.readUInt16BE(at + 3);
      found.width = bytes.readUInt16BE(at + 5);
    }
    at += length;
    if (marker === 0xda) at = afterScan(bytes, at);
  }
}

function isFrame(marker) {
  return marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
}

function isRestart(marker) {
  return marker >= 0xd0 && marker <= 0xd7;
}

/** Where the next marker stands that is neither a stuffed byte nor a restart. */
function afterScan(bytes, from) {
  for (let at = from; at + 1 < bytes.length; at += 1) {
    if (bytes[at] === 0xff && bytes[at + 1] !== 0x00 && !isRestart(bytes[at + 1])) return at;
  }
  return bytes.length;
}

function* walkPng(bytes, found) {
  let inData = false;
  for (const { chunk, body, end } of pngChunks(bytes)) {
    yield;
    if (chunk === "IHDR" && body.length === 13 && !found.width) {
      found.width = body.readUInt32BE(0);
      found.height = body.readUInt32BE(4);
      found.deep = body[8] === 16;
    }
    inData ||= chunk === "IDAT";
    if (chunk === "acTL" && !inData) found.animated = true;
    found.whole = chunk === "IEND";
    if (found.whole) found.end = end;
  }
}

/** The chunks up to IEND, or up to the first that is cut off or does not have its checksum. */
function* pngChunks(bytes) {
  let start = PNG_SIGNATURE.length;
  let chunk = "";
  while (chunk !== "IEND" && start + 12 <= bytes.length) {
    const end = start + 12 + bytes.readUInt32BE(start);
    if (end > bytes.length || crc32(bytes.subarray(start + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return;
    chunk = name(bytes, start + 4);
    yield { chunk, body: bytes.subarray(start + 8, end - 4), start, end };
    start = end;
  }
}

/** A PNG without the chunks that no picture needs; encoders add a resolution of their own. */
export function barePng(bytes) {
  const kept = [...pngChunks(bytes)].filter(({ chunk }) => PNG_NEEDED.includes(chunk));
  return Buffer.concat([PNG_SIGNATURE, ...kept.map(({ start, end }) => bytes.subarray(start, end))]);
}

/** A PNG whose eXIf chunk stands where readers look for it: it may follow the pixels too. */
export function exifFirst(bytes) {
  const [header, ...rest] = [...pngChunks(bytes)];
  const byExif = [...rest.filter(({ chunk }) => chunk === "eXIf"), ...rest.filter(({ chunk }) => chunk !== "eXIf")];
  return Buffer.concat([PNG_SIGNATURE, ...[header, ...byExif].map(({ start, end }) => bytes.subarray(start, end))]);
}

function* walkWebp(bytes, found) {
  const end = 8 + bytes.readUInt32LE(4);
  found.end = Math.min(end, bytes.length);
  let pictures = 0;
  let at = 12;
  while (at + 8 <= found.end) {
    yield;
    const chunk = name(bytes, at);
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, Math.min(at + 8 + size, found.end));
    const measured = measureWebp(chunk, body);
    if (measured && !found.width) [found.width, found.height] = measured;
    if (chunk === "ANIM" || chunk === "ANMF" || (chunk === "VP8X" && (body[0] & 0x02) !== 0)) found.animated = true;
    if (body.length < size) return;
    if (chunk === "VP8 " || chunk === "VP8L") pictures += 1;
    at += 8 + size + (size % 2);
  }
  found.whole = end <= bytes.length && at >= end && pictures > 0;
}

function measureWebp(chunk, body) {
  if (chunk === "VP8X" && body.length >= 10) return [1 + body.readUIntLE(4, 3), 1 + body.readUIntLE(7, 3)];
  if (chunk === "VP8 " && body.length >= 10) return [body.readUInt16LE(6) & 0x3fff, body.readUInt16LE(8) & 0x3fff];
  if (chunk === "VP8L" && body.length >= 5) {
    const bits = body.readUInt32LE(1);
    return [1 + (bits & 0x3fff), 1 + ((bits >>> 14) & 0x3fff)];
  }
  return null;
}

function name(bytes, at) {
  return bytes.toString("latin1", at, at + 4);
}
