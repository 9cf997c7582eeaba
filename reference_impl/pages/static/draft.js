// A draft: an artist and its media as they shall be, apart from what is persisted. Knows no DOM and sends no request.

/** One item of a draft. It has an ID once it is persisted, and a file where it was chosen here. */
class Entry {
  constructor({ ID = null, file = null, name, purpose = "gallery", altText = null }) {
    Object.assign(this, { ID, file, name, purpose, altText });
    this.state = ID ? "persisted" : "chosen";
    this.reason = "";
    this.progress = 0;
  }

  /** Takes preflight's advice, or null where there is none. What the server said counts more. */
  advise(advice) {
    if (this.state !== "chosen" && this.state !== "advised") return;
    this.state = advice ? "advised" : "chosen";
    this.reason = advice ?? "";
  }

  uploading(progress) {
    Object.assign(this, { state: "uploading", reason: "", progress });
  }

  failed(reason) {
    Object.assign(this, { state: "failed", reason });
  }

  persisted(ID) {
    Object.assign(this, { ID, state: "persisted", reason: "" });
  }
}

export class Draft {
  /** A draft of the artist as the API gave it with its media, or of a new one where there is none. */
  constructor(artist = null) {
    const media = artist?.media ?? [];
    this.artist = artist;
    this.name = artist?.name ?? "";
    this.bio = artist?.bio ?? null;
    this.entries = media.map((item) => new Entry({ ...item, name: item.originalFileName }));
    // What the server holds of this draft, in its order.
    this.held = media.map(details);
    // Entries of which no answer told whether they arrived, also if they were removed since.
    this.doubtful = [];
  }

  add(file) {
    const entry = new Entry({ file, name: file.name });
    this.entries.push(entry);
    return entry;
  }

  remove(entry) {
    this.entries = this.entries.filter((each) => each !== entry);
  }

  /** Moves an entry so many places, and tells whether there was room for it. */
  move(entry, places) {
    const from = this.entries.indexOf(entry);
    const to = from + places;
    if (to < 0 || to >= this.entries.length) return false;
    this.entries.splice(to, 0, ...this.entries.splice(from, 1));
    return true;
  }

  /** Entries that have yet to be uploaded, in order. */
  get missing() {
    return this.entries.filter((entry) => !entry.ID);
  }

  /** The details that differ from those of the artist. */
  get changes() {
    const wanted = { name: this.name, bio: this.bio };
    return Object.fromEntries(Object.entries(wanted).filter(([name, value]) => value !== this.artist?.[name]));
  }

  /** The collection as a sync would have it. */
  get wanted() {
    return this.entries.map(details);
  }

  get isInStep() {
    return JSON.stringify(this.wanted) === JSON.stringify(this.held);
  }

  /** Notes that an entry has become this item at the end of the collection. */
  arrived(entry, item) {
    entry.persisted(item.ID);
    this.held.push(details(item));
  }

  /** Notes the order of the collection. What is not in it of those in doubt has not arrived. */
  settled(IDs) {
    this.held.sort((one, other) => IDs.indexOf(one.ID) - IDs.indexOf(other.ID));
    this.doubtful = [];
  }
}

const details = ({ ID, purpose, altText }) => ({ ID, purpose, altText });
