// Image files by their bytes: which format, how large, animated or not, and where the picture ends. Nothing is decoded here.

import { crc32 } from "node:zlib";

const PNG_SIGNATURE = Buffer.from("\x89PNG\r\n\x1a\n", "latin1");

/** Called through this object, so that what looks at a file can be replaced from outside. */
export const containers = { inspect };

/**
 * {type, width, height, animated, deep, whole, end}, or null for bytes of no accepted format. `whole` says that the container is
 * intact up to its end marker; what lies behind `end` is not picture. Sizes are 0 where the header does not tell.
 */
function inspect(bytes) {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return walked("image/jpeg", bytes, walkJpeg);
  if (bytes.subarray(0, 8).equals(PNG_SIGNATURE)) return walked("image/png", bytes, walkPng);
  if (name(bytes, 0) === "RIFF" && name(bytes, 8) === "WEBP") return walked("image/webp", bytes, walkWebp);
  return null;
}

function walked(type, bytes, walk) {
  const found = { type, width: 0, height: 0, animated: false, deep: false, whole: false, end: bytes.length };
  walk(bytes, found);
  return found;
}

function walkJpeg(bytes, found) {
  let at = 2;
  while (at + 2 <= bytes.length && bytes[at] === 0xff) {
    while (bytes[at + 1] === 0xff) at += 1; // fill bytes
    const marker = bytes[at + 1];
    at += 2;
    if (marker === 0xd9) {
      found.whole = true;
      found.end = at;
      return;
    }
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd7)) continue; // these have no body
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

/** The next marker that is neither a stuffed byte nor a restart. */
function afterScan(bytes, from) {
  let at = bytes.indexOf(0xff, from);
  while (at !== -1) {
    const next = bytes[at + 1];
    if (next !== 0x00 && !(next >= 0xd0 && next <= 0xd7)) return at;
    at = bytes.indexOf(0xff, at + 2);
  }
  return bytes.length;
}

function walkPng(bytes, found) {
  let at = PNG_SIGNATURE.length;
  let inData = false;
  while (at + 12 <= bytes.length) {
    const size = bytes.readUInt32BE(at);
    const end = at + 12 + size;
    if (end > bytes.length || crc32(bytes.subarray(at + 4, end - 4)) !== bytes.readUInt32BE(end - 4)) return;
    const chunk = name(bytes, at + 4);
    if (chunk === "IHDR" && size === 13 && !found.width) {
      found.width = bytes.readUInt32BE(at + 8);
      found.height = bytes.readUInt32BE(at + 12);
      found.deep = bytes[at + 16] === 16;
    }
    inData ||= chunk === "IDAT";
    if (chunk === "acTL" && !inData) found.animated = true;
    at = end;
    if (chunk === "IEND") {
      found.whole = true;
      found.end = at;
      return;
    }
  }
}

function walkWebp(bytes, found) {
  const end = 8 + bytes.readUInt32LE(4);
  const last = Math.min(end, bytes.length);
  let pictures = 0;
  let at = 12;
  while (at + 8 <= last) {
    const chunk = name(bytes, at);
    const size = bytes.readUInt32LE(at + 4);
    const body = bytes.subarray(at + 8, Math.min(at + 8 + size, last));
    const measured = measureWebp(chunk, body);
    if (measured && !found.width) [found.width, found.height] = measured;
    if (chunk === "VP8X" && (body[0] & 0x02) !== 0) found.animated = true;
    if (chunk === "ANIM" || chunk === "ANMF") found.animated = true;
    if (body.length < size) return;
    if (chunk === "VP8 " || chunk === "VP8L") pictures += 1;
    at += 8 + size + (size % 2);
  }
  found.whole = end <= bytes.length && at >= end && pictures > 0;
  found.end = last;
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
