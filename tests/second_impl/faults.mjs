// One planted fault, by name, in the same server: node faults.mjs NAME. Each breaks one rule, and the suite must say which.
// They are patched in from here, so that the implementation itself has no switch for them.

import sharp from "sharp";

import { containers } from "./containers.mjs";
import { images } from "./images.mjs";
import { Library } from "./library.mjs";
import { Problem } from "./problems.mjs";

const FAULTS = {
  /** ING-8 */
  "orientation-ignored-for-webp"() {
    const { upright } = images;
    images.upright = (pipeline, type) => (type === "image/webp" ? pipeline : upright(pipeline, type));
  },

  /** ING-10 */
  "metadata-kept-in-png"() {
    const { prepare } = images;
    images.prepare = async (bytes, declared) => {
      const made = await prepare(bytes, declared);
      return made.type === "image/png" ? { ...made, canonical: withTextOf(bytes, made.canonical) } : made;
    };
  },

  /** ING-12 */
  "truncated-accepted"() {
    const { inspect } = containers;
    containers.inspect = async (bytes) => {
      const found = await inspect(bytes);
      return found && { ...found, whole: true };
    };
    images.open = (picture) => sharp(picture, { failOn: "none" });
  },

  /** SYN-2 */
  "sync-keeps-objects"() {
    Library.prototype.sync = async function sync(artistID, items, known) {
      this.records.replaceMedia(artistID, items, known);
      return this.records.artist(artistID);
    };
  },

  /** ING-3 */
  "wrong-code"() {
    const { judge } = images;
    images.judge = (bytes, declared) =>
      judge(bytes, declared).catch((error) => {
        throw error.code === "type_mismatch" ? new Problem("image_undecodable", error.message) : error;
      });
  },
};

/** The PNG with the text chunks of another behind its header. */
function withTextOf(upload, picture) {
  const texts = [];
  for (let at = 8; at + 12 <= upload.length; at += 12 + upload.readUInt32BE(at)) {
    const name = upload.toString("latin1", at + 4, at + 8);
    if (["tEXt", "zTXt", "iTXt"].includes(name)) texts.push(upload.subarray(at, at + 12 + upload.readUInt32BE(at)));
  }
  const header = 8 + 25;
  return Buffer.concat([picture.subarray(0, header), ...texts, picture.subarray(header)]);
}

const name = process.argv[2];
if (!Object.hasOwn(FAULTS, name)) {
  process.stderr.write(`There is no fault ${name}; there are ${Object.keys(FAULTS).join(", ")}.\n`);
  process.exit(64);
}
FAULTS[name]();
await import("./server.mjs");
