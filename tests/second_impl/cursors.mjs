// Cursors of the artist list: the number of the last artist given, signed, so that only our own come back.

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

import { Problem } from "./problems.mjs";

const secret = randomBytes(32);
const SIGNATURE_BYTES = 16;

export function cursorAfter(number) {
  const position = Buffer.alloc(8);
  position.writeBigUInt64BE(BigInt(number));
  return Buffer.concat([position, signature(position)]).toString("base64url");
}

/** The number that a cursor of ours stands for. */
export function positionOf(cursor) {
  const bytes = Buffer.from(cursor, "base64url");
  const [position, signed] = [bytes.subarray(0, 8), bytes.subarray(8)];
  const ours = bytes.length === 8 + SIGNATURE_BYTES && timingSafeEqual(signed, signature(position));
  // The decoder is lenient, and a cursor that was altered is not one of ours.
  if (!ours || bytes.toString("base64url") !== cursor) {
    throw new Problem("cursor_invalid", "The cursor is none that this list gave.");
  }
  return Number(position.readBigUInt64BE());
}

function signature(position) {
  return createHmac("sha256", secret).update(position).digest().subarray(0, SIGNATURE_BYTES);
}
