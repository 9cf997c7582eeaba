// Rows as clients see them. Nothing of a locator leaves through here but the render URL.

export class Views {
  constructor(publicBase) {
    this.publicBase = publicBase;
  }

  item(row, sortOrder) {
    return {
      ID: row.ID,
      artistID: row.artistID,
      kind: "image",
      purpose: row.purpose,
      status: "ready",
      originalFileName: row.originalFileName,
      mimeType: row.mimeType,
      byteSize: row.byteSize,
      width: row.width,
      height: row.height,
      altText: row.altText,
      sortOrder,
      src: this.#url(row.canonicalKey),
      thumbnailSrc: this.#url(row.thumbnailKey),
      blurDataURL: row.blurDataURL,
    };
  }

  media(artist) {
    return artist.media.map((row, sortOrder) => this.item(row, sortOrder));
  }

  artist(artist) {
    const { ID, name, bio } = artist;
    return { ID, name, bio, ...this.#profileImage(artist), media: this.media(artist) };
  }

  card(artist) {
    return { ID: artist.ID, name: artist.name, ...this.#profileImage(artist) };
  }

  #profileImage(artist) {
    const row = artist.media.find((one) => one.purpose === "profile");
    return {
      profileImageURL: row ? this.#url(row.canonicalKey) : null,
      profileImageThumbnailURL: row ? this.#url(row.thumbnailKey) : null,
      profileImageBlurDataURL: row ? row.blurDataURL : null,
    };
  }

  #url(key) {
    return `${this.publicBase}/${key}`;
  }
}
