// The form of a draft: what is typed, chosen and pressed goes into the draft, and how it fares is shown.

import { Api, Refusal } from "./api.js";
import { EntryView } from "./entry.js";
import { advice } from "./preflight.js";
import { submit } from "./submission.js";

export class DraftForm {
  #policy = new Api().policy();

  constructor(form, draft) {
    this.form = form;
    this.draft = draft;
    this.list = form.querySelector(".entries");
    this.status = form.querySelector('[data-part="status"]');
    this.views = new Map();
    draft.entries.forEach((entry, place) => this.#adopt(new EntryView(this.list.children[place], entry)));
    // Without a policy there is no advice, and the server judges all the same.
    this.#policy.catch(() => {});
  }

  listen() {
    const { form, draft } = this;
    this.#role("name").addEventListener("input", ({ target }) => this.#edited(() => (draft.name = target.value)));
    this.#role("bio").addEventListener("input", ({ target }) => this.#edited(() => (draft.bio = target.value || null)));
    this.#role("choose").addEventListener("change", ({ target }) => {
      this.#add([...target.files]);
      // So that the same file can be chosen again.
      target.value = "";
    });
    form.addEventListener("dragover", (event) => event.preventDefault());
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      if (form.dataset.mediaState !== "submitting") this.#add([...event.dataTransfer.files]);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    form.querySelector("fieldset").disabled = false;
  }

  #role(role) {
    return this.form.querySelector(`[data-media-role="${role}"]`);
  }

  #add(files) {
    const template = this.form.querySelector("template");
    this.#edited(() => {
      for (const file of files) {
        const view = EntryView.made(template, this.draft.add(file));
        this.list.append(view.element);
        this.#adopt(view);
        this.#advise(view);
      }
    });
    this.#say(`${files.length} added, ${this.draft.entries.length} in the draft.`);
  }

  #adopt(view) {
    this.views.set(view.entry, view);
    view.listen({
      moved: (...how) => this.#move(...how),
      removed: () => this.#remove(view),
      edited: () => this.#edited(() => view.entry.file && this.#advise(view)),
    });
    view.show();
  }

  async #advise(view) {
    try {
      const [policy, size] = await Promise.all([this.#policy, view.measured()]);
      view.entry.advise(advice(view.entry, size, policy));
      view.show();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
    }
  }

  #move(view, places, button) {
    const { entries } = this.draft;
    if (!this.draft.move(view.entry, places)) {
      this.#say(`${view.entry.name} is the ${places < 0 ? "first" : "last"} already.`);
      return;
    }
    this.#edited(() => this.list.append(...entries.map((entry) => this.views.get(entry).element)));
    // An element that moves loses the focus.
    button.focus();
    this.#say(`${view.entry.name} is now ${entries.indexOf(view.entry) + 1} of ${entries.length}.`);
  }

  #remove(view) {
    const place = this.draft.entries.indexOf(view.entry);
    this.#edited(() => this.draft.remove(view.entry));
    this.views.delete(view.entry);
    view.remove();
    const next = this.draft.entries[place] ?? this.draft.entries.at(-1);
    if (next) this.views.get(next).focus("remove");
    else this.#role("choose").focus();
    this.#say(`${view.entry.name} is taken out, ${this.draft.entries.length} in the draft.`);
  }

  // What had failed still is missing; what was done is a draft again.
  #edited(change) {
    change();
    if (this.form.dataset.mediaState === "done") this.#show("editing");
  }

  async #submit() {
    if (this.form.dataset.mediaState === "submitting") return;
    this.#show("submitting");
    this.#say("Submitting …");
    const api = new Api(this.#role("credential").value);
    try {
      const whole = await submit(this.draft, api, (entry) => this.views.get(entry)?.show());
      if (whole) this.#finish();
      else this.#fail();
    } catch (refusal) {
      this.#fail(refusal instanceof Refusal ? refusal.message : "Something went wrong in this page.");
      if (!(refusal instanceof Refusal)) throw refusal;
    }
  }

  #finish() {
    this.#show("done");
    const link = document.createElement("a");
    link.href = `/pages/artists/${this.draft.artist.ID}`;
    link.textContent = `See ${this.draft.artist.name}`;
    this.status.replaceChildren("Everything is persisted. ", link, ".");
    link.focus();
  }

  #fail(problem = "") {
    const failed = this.draft.missing.filter((entry) => entry.state === "failed");
    this.#show("failed", problem);
    this.#say(failed.length ? `Not persisted: ${failed.map(({ name }) => name).join(", ")}.` : "Not everything is persisted.");
    this.#role("retry").focus();
  }

  #show(state, problem = "") {
    const { dataset } = this.form;
    dataset.mediaState = state;
    if (this.draft.artist) {
      dataset.mediaArtist = this.draft.artist.ID;
      this.#role("submit").textContent = "Save";
    }
    this.form.querySelector("fieldset").disabled = state === "submitting";
    this.#role("retry").hidden = state !== "failed";
    this.#role("problem").textContent = problem;
  }

  #say(words) {
    this.status.textContent = words;
  }
}
