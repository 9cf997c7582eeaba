// The mocked store: objects by key, in memory, gone with the process. Asynchronous as any other store would be.

import { createHash } from "node:crypto";

export class Objects {
  #objects = new Map();

  async put(key, bytes, type) {
    const digest = createHash("sha256").update(bytes).digest("base64url");
    this.#objects.set(key, Object.freeze({ bytes, type, etag: `"${digest}"` }));
  }

  /** {bytes, type, etag}, or undefined. */
  async get(key) {
    return this.#objects.get(key);
  }

  async remove(key) {
    this.#objects.delete(key);
  }
}
