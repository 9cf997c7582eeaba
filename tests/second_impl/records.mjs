// Artists and their media rows, in memory. A collection is replaced as a whole, so that no read ever sees half a change.

import { randomUUID } from "node:crypto";

import { Problem } from "./problems.mjs";

export class Records {
  #artists = new Map(); // in creation order
  #created = 0;
  #unannounced = new Set(); // IDs of rows whose upload has not been answered yet

  createArtist({ name, bio }) {
    const artist = { ID: randomUUID(), number: (this.#created += 1), name, bio, media: [] };
    this.#artists.set(artist.ID, artist);
    return artist;
  }

  /** The artist, or undefined. */
  artist(artistID) {
    return this.#artists.get(artistID);
  }

  /** At most `count` artists created after the one with that number. */
  artistsAfter(number, count) {
    const page = [];
    for (const artist of this.#artists.values()) {
      if (page.length === count) break;
      if (artist.number > number) page.push(artist);
    }
    return page;
  }

  editArtist(artistID, changes) {
    return Object.assign(this.#known(artistID), changes);
  }

  /** Removes the artist and hands out the rows that went with it. */
  removeArtist(artistID) {
    const { media } = this.#known(artistID);
    this.#artists.delete(artistID);
    return media;
  }

  /** Adds a row at the end. It counts as under way until it is announced. */
  insert(artistID, details) {
    const artist = this.#known(artistID);
    const row = Object.freeze({ ID: randomUUID(), artistID, ...details });
    artist.media = [...artist.media, row];
    this.#unannounced.add(row.ID);
    return row;
  }

  announce(rowID) {
    this.#unannounced.delete(rowID);
  }

  /** The IDs that a client can know about. */
  announced(artistID) {
    return new Set(this.#known(artistID).media.map((row) => row.ID).filter((ID) => !this.#unannounced.has(ID)));
  }

  /**
   * Gives the collection the named items, in that order. Rows that were known when the request began and are not named go, and
   * are handed out; rows of uploads that were under way stay, at the end.
   */
  replaceMedia(artistID, items, known) {
    const artist = this.#known(artistID);
    const rows = new Map(artist.media.map((row) => [row.ID, row]));
    const named = items.map(({ ID, purpose, altText }) => {
      if (!rows.has(ID)) throw new Problem("sync_invalid", "The collection has no such item.");
      return Object.freeze({ ...rows.get(ID), purpose, altText });
    });
    for (const { ID } of named) rows.delete(ID);
    const others = [...rows.values()];
    artist.media = [...named, ...others.filter((row) => !known.has(row.ID))];
    return others.filter((row) => known.has(row.ID));
  }

  removeItem(artistID, mediaID) {
    const artist = this.#known(artistID);
    const row = artist.media.find((one) => one.ID === mediaID);
    if (!row) throw new Problem("media_unknown", "The artist has no such item.");
    artist.media = artist.media.filter((one) => one !== row);
    return row;
  }

  #known(artistID) {
    const artist = this.#artists.get(artistID);
    if (!artist) throw new Problem("artist_unknown", "There is no such artist.");
    return artist;
  }
}
