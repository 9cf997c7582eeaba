// An entry of the draft as the page shows it.

const part = (element, role) => element.querySelector(`[data-media-role="${role}"]`);

export class EntryView {
  /** An element for an entry that was chosen here. */
  static made(template, entry) {
    const element = template.content.firstElementChild.cloneNode(true);
    element.dataset.mediaFile = entry.name;
    element.querySelector('[data-part="file"]').textContent = entry.name;
    const view = new EntryView(element, entry);
    view.preview.src = URL.createObjectURL(entry.file);
    return view;
  }

  /** Shows the entry as this element. */
  constructor(element, entry) {
    this.element = element;
    this.entry = entry;
    this.preview = part(element, "preview");
    for (const role of ["purpose", "alt-text", "earlier", "later", "remove"]) this.#name(role);
  }

  /** Calls back on what is done to the entry: moved by so many places, removed, or edited. */
  listen({ moved, removed, edited }) {
    const on = (role, type, handler) => part(this.element, role).addEventListener(type, (event) => handler(event.target));
    on("earlier", "click", (button) => moved(this, -1, button));
    on("later", "click", (button) => moved(this, 1, button));
    on("remove", "click", () => removed(this));
    on("purpose", "input", (field) => {
      this.entry.purpose = field.value;
      edited(this);
    });
    on("alt-text", "input", (field) => {
      this.entry.altText = field.value || null;
      if (this.preview) this.preview.alt = field.value;
      edited(this);
    });
  }

  /** The size of the decoded preview, or null where it is none. */
  async measured() {
    try {
      await this.preview.decode();
      return { width: this.preview.naturalWidth, height: this.preview.naturalHeight };
    } catch {
      this.preview.classList.add("undecodable");
      return null;
    }
  }

  show() {
    const { ID, state, reason, progress } = this.entry;
    const { dataset } = this.element;
    if (ID) {
      dataset.mediaItem = ID;
      delete dataset.mediaFile;
    }
    dataset.mediaState = state;
    this.element.querySelector('[data-part="state"]').textContent = state;
    part(this.element, "reason").textContent = reason;
    const bar = this.element.querySelector("progress");
    bar.value = progress;
    bar.classList.toggle("idle", state !== "uploading");
  }

  /** Takes the entry off the page and lets go of its preview. */
  remove() {
    if (this.entry.file) URL.revokeObjectURL(this.preview.src);
    this.element.remove();
  }

  focus(role) {
    part(this.element, role).focus();
  }

  // A list of many entries has many fields and buttons of the same label: each is named after its file as well.
  #name(role) {
    const control = part(this.element, role);
    const label = control.labels?.[0]?.firstChild.textContent.trim() || control.textContent;
    control.setAttribute("aria-label", `${label}, ${this.entry.name ?? "without a file name"}`);
  }
}
