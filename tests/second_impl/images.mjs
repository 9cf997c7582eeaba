// Bytes in; a canonical, a thumbnail and a blur preview out. Knows no HTTP and no storage.

import sharp from "sharp";

import { barePng, containers, exifFirst } from "./containers.mjs";
import { Gate } from "./gate.mjs";
import { LIMITS } from "./policy.mjs";
import { Problem } from "./problems.mjs";

// Two pictures at once, a thread each, fill two cores; more would only hold more pixels in memory.
sharp.concurrency(1);
sharp.cache(false);
const gate = new Gate(2);

const INPUT = { failOn: "warning", limitInputPixels: LIMITS.maxPixels };

const ENCODERS = {
  "image/jpeg": (pipeline) => pipeline.jpeg({ quality: 90, chromaSubsampling: "4:4:4", progressive: true }).toBuffer(),
  "image/png": async (pipeline) => barePng(await pipeline.png().toBuffer()),
  "image/webp": (pipeline) => pipeline.webp({ quality: 90 }).toBuffer(),
};

/** Called through this object, so that a step can be replaced from outside. */
export const images = { judge, open, upright, pixels, prepare };

/** What the file turned out to be, from its bytes alone; a Problem where it is not to be decoded. */
async function judge(bytes, declared) {
  const found = await containers.inspect(bytes);
  if (found?.type !== declared) throw new Problem("type_mismatch", `The file is declared ${declared} and is not.`);
  const { width, height } = found;
  if (Math.max(width, height) > LIMITS.maxSidePixels || width * height > LIMITS.maxPixels) {
    throw new Problem("dimensions_too_large", `A side may have ${LIMITS.maxSidePixels} pixels, a picture ${LIMITS.maxPixels}.`);
  }
  if (found.animated) throw new Problem("image_animated", "Animated pictures are not accepted.");
  if (!found.whole || !width || !height) throw undecodable();
  return found;
}

/** {type, width, height, canonical, thumbnail, blurDataURL} of an accepted file. */
async function prepare(bytes, declared) {
  const found = await images.judge(bytes, declared);
  return gate.pass(async () => {
    const picture = found.type === "image/png" ? exifFirst(bytes) : bytes.subarray(0, found.end);
    const canonical = await images.pixels(picture, found).catch((error) => {
      throw error instanceof Problem ? error : undecodable();
    });
    const { width, height } = canonical.info;
    const encode = ENCODERS[found.type];
    const [full, thumbnail, blurDataURL] = await Promise.all([
      encode(again(canonical)),
      encode(fitted(again(canonical), LIMITS.thumbnailLongSide)),
      blurred(canonical),
    ]);
    return { type: found.type, width, height, canonical: full, thumbnail, blurDataURL };
  });
}

/** Upright 8-bit sRGB pixels within the canonical target. As plain pixels they can carry nothing of what the file said. */
async function pixels(picture, found) {
  const source = found.deep ? await shallow(picture, found) : images.open(picture);
  const pipeline = fitted(images.upright(source, found.type), LIMITS.canonicalLongSide);
  return pipeline.toColourspace("srgb").raw({ depth: "uchar" }).toBuffer({ resolveWithObject: true });
}

function open(picture) {
  return sharp(picture, INPUT);
}

/** Turned as its EXIF orientation says. */
function upright(pipeline) {
  return pipeline.autoOrient();
}

/**
 * sharp converts 16-bit colour with a profile to P3, not to sRGB, and 16-bit grey not at all. So bits are dropped first and the
 * profile is kept for the conversion of what is left.
 */
async function shallow(picture, found) {
  const fewer = fitted(images.upright(images.open(picture), found.type), LIMITS.canonicalLongSide);
  return images.open(await fewer.keepIccProfile().png({ compressionLevel: 0 }).toBuffer());
}

/** Within the long side, never enlarged. */
function fitted(pipeline, longSide) {
  // The faster way may round a side down by a pixel and leave a moiré.
  const inside = { width: longSide, height: longSide, fit: "inside", withoutEnlargement: true };
  return pipeline.resize({ ...inside, fastShrinkOnLoad: false });
}

function again({ data, info }) {
  return sharp(data, { raw: { width: info.width, height: info.height, channels: info.channels } });
}

async function blurred(canonical) {
  for (const [longSide, quality] of [[LIMITS.blurLongSide, 80], [LIMITS.blurLongSide, 40], [16, 40], [8, 20]]) {
    const options = { quality, alphaQuality: quality, smartSubsample: true };
    const bytes = await fitted(again(canonical), longSide).webp(options).toBuffer();
    const url = `data:image/webp;base64,${bytes.toString("base64")}`;
    if (url.length <= LIMITS.blurMaxBytes) return url;
  }
  return null;
}

function undecodable() {
  return new Problem("image_undecodable", "The file is not a whole picture of its type.");
}
