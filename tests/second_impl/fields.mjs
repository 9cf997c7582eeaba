// What a client may write into a field. All lengths are in code points.

import { BIO_MAX_CODE_POINTS, LIMITS, NAME_MAX_CODE_POINTS, PURPOSES, SYNC_MAX_ITEMS } from "./policy.mjs";
import { Problem } from "./problems.mjs";

const MEDIA_FIELDS = new Set([
  "media", "file", "purpose", "altText", "src", "thumbnailSrc", "blurDataURL",
  "profileImageURL", "profileImageThumbnailURL", "profileImageBlurDataURL",
]);

const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Artist details: all of them for a new artist, or those that a patch changes. */
export function artistDetails(body, { partial }) {
  if (!isObject(body)) throw new Problem("details_invalid", "Artist details are a JSON object.");
  for (const field of Object.keys(body)) {
    if (MEDIA_FIELDS.has(field)) throw new Problem("media_not_allowed_here", "Media is uploaded to the artist's collection.");
    if (field !== "name" && field !== "bio") throw new Problem("details_invalid", "The details of an artist are name and bio.");
  }
  if ((!partial || "name" in body) && !(isText(body.name, NAME_MAX_CODE_POINTS) && body.name !== "")) {
    throw new Problem("details_invalid", `name has 1 to ${NAME_MAX_CODE_POINTS} characters.`);
  }
  if ("bio" in body && body.bio !== null && !isText(body.bio, BIO_MAX_CODE_POINTS)) {
    throw new Problem("details_invalid", `bio is null or has at most ${BIO_MAX_CODE_POINTS} characters.`);
  }
  return partial ? body : { bio: null, ...body };
}

/** The items of a sync: {ID, purpose, altText}. Whether the collection has them is not judged here. */
export function syncItems(body) {
  if (!isObject(body) || !hasExactly(body, ["media"]) || !Array.isArray(body.media) || body.media.length > SYNC_MAX_ITEMS) {
    throw new Problem("sync_invalid", `A sync is an object whose media is a list of at most ${SYNC_MAX_ITEMS} items.`);
  }
  for (const item of body.media) {
    if (!isObject(item) || !hasExactly(item, ["ID", "purpose", "altText"]) || typeof item.ID !== "string") {
      throw new Problem("sync_invalid", "Each item has ID, purpose and altText, and nothing else.");
    }
    judgePurpose(item.purpose);
    if (item.altText !== null) judgeAltText(item.altText);
  }
  if (new Set(body.media.map((item) => item.ID)).size !== body.media.length) {
    throw new Problem("sync_invalid", "An item is named twice.");
  }
  return body.media;
}

/** {purpose, altText, file} of an upload's parts. */
export function uploadFields(parts) {
  const purpose = only(parts, "purpose", () => new Problem("purpose_invalid", "purpose is given once."));
  judgePurpose(purpose);
  const altText = only(parts, "altText", () => new Problem("alt_text_invalid", "altText is given at most once.")) ?? null;
  if (altText !== null) judgeAltText(altText);
  return { purpose, altText, file: uploadedFile(parts) };
}

function uploadedFile(parts) {
  const named = parts.filter((part) => part.name === "file" && part.fileName !== undefined);
  // Browsers send an empty part with an empty name where no file was chosen.
  const files = named.filter((part) => part.fileName !== "" || part.bytes.length > 0);
  if (files.length === 0) throw new Problem("file_missing", "There is no file.");
  if (files.length > 1) throw new Problem("file_multiple", "There is more than one file.");
  const [file] = files;
  if (!LIMITS.acceptedTypes.includes(file.type)) {
    throw new Problem("type_unsupported", `The file may be ${LIMITS.acceptedTypes.join(", ")}.`);
  }
  if (file.bytes.length === 0) throw new Problem("file_empty", "The file is empty.");
  return file;
}

/** The text of a field that may be there once; undefined where it is not there. */
function only(parts, name, twice) {
  const fields = parts.filter((part) => part.name === name && part.fileName === undefined);
  if (fields.length > 1) throw twice();
  if (fields.length === 0) return undefined;
  try {
    return utf8.decode(fields[0].bytes);
  } catch {
    return "\0"; // not UTF-8: refused as NUL is
  }
}

function judgePurpose(purpose) {
  if (!PURPOSES.includes(purpose)) throw new Problem("purpose_invalid", `purpose is ${PURPOSES.join(" or ")}.`);
}

function judgeAltText(altText) {
  if (!isText(altText, LIMITS.altTextMaxCodePoints)) {
    throw new Problem("alt_text_invalid", `altText has at most ${LIMITS.altTextMaxCodePoints} characters, and no NUL.`);
  }
}

/** A name to display: without path parts and control characters, cut to size; null where nothing is left. */
export function displayName(fileName) {
  const plain = fileName.replace(/^.*[/\\]/s, "").replace(/\p{Cc}/gu, "");
  const cut = [...plain].slice(0, LIMITS.originalFileNameMaxCodePoints).join("");
  return cut === "" ? null : cut;
}

function isText(value, most) {
  if (typeof value !== "string" || value.length > 2 * most) return false;
  return !value.includes("\0") && value.isWellFormed() && [...value].length <= most;
}

function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function hasExactly(object, fields) {
  return Object.keys(object).length === fields.length && fields.every((field) => Object.hasOwn(object, field));
}
