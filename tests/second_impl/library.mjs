// The media workflow: objects are stored before their row, and removed after it.

import { randomBytes } from "node:crypto";

import { displayName } from "./fields.mjs";
import { images } from "./images.mjs";

const EXTENSIONS = { "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp" };

export class Library {
  constructor(records, objects) {
    this.records = records;
    this.objects = objects;
  }

  /** The row of an accepted file. Where anything fails on the way, what was stored is removed again. */
  async upload(artistID, { file, purpose, altText }) {
    const picture = await images.prepare(file.bytes, file.type);
    const { type, width, height, canonical, thumbnail, blurDataURL } = picture;
    const keys = freshKeys(type);
    try {
      await this.objects.put(keys.canonicalKey, canonical, type);
      await this.objects.put(keys.thumbnailKey, thumbnail, type);
      const originalFileName = displayName(file.fileName);
      const byteSize = canonical.length;
      return this.records.insert(artistID, {
        purpose, altText, originalFileName, mimeType: type, byteSize, width, height, blurDataURL, ...keys,
      });
    } catch (error) {
      await this.sweep([keys]);
      throw error;
    }
  }

  async sync(artistID, items, known) {
    await this.sweep(this.records.replaceMedia(artistID, items, known));
    return this.records.artist(artistID);
  }

  async removeItem(artistID, mediaID) {
    await this.sweep([this.records.removeItem(artistID, mediaID)]);
  }

  async removeArtist(artistID) {
    await this.sweep(this.records.removeArtist(artistID));
  }

  /** Removes the objects of rows that are no more. One that cannot be removed changes neither the others nor the answer. */
  async sweep(rows) {
    const keys = rows.flatMap(({ canonicalKey, thumbnailKey }) => [canonicalKey, thumbnailKey]);
    await Promise.allSettled(keys.map((key) => this.objects.remove(key)));
  }
}

/** Keys that nobody had before and nobody can guess. */
function freshKeys(type) {
  const folder = randomBytes(12).toString("hex");
  const key = () => `media/${folder}/${randomBytes(12).toString("hex")}.${EXTENSIONS[type]}`;
  return { canonicalKey: key(), thumbnailKey: key() };
}
