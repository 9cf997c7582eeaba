// Requests to the API. Each answers what the contract says, or throws a Refusal.

/** Why a request did not succeed, in the server's words where there are any. */
export class Refusal extends Error {
  /** `certain` is false where the server may have done what it was asked: no answer came, or none of its own. */
  constructor(detail, { code = null, certain = true } = {}) {
    super(code ? `${detail} (${code})` : detail);
    this.certain = certain;
  }
}

export class Api {
  #credential;

  constructor(credential = "") {
    this.#credential = credential;
  }

  policy() {
    return this.#send("GET", "/media-policy");
  }

  async createArtist(details) {
    return (await this.#send("POST", "/artists", details)).artist;
  }

  async editArtist(artistID, changes) {
    return (await this.#send("PATCH", artistPath(artistID), changes)).artist;
  }

  async collection(artistID) {
    return (await this.#send("GET", mediaPath(artistID))).media;
  }

  async sync(artistID, media) {
    return (await this.#send("PUT", mediaPath(artistID), { media })).media;
  }

  /** Uploads one file. `progressed` is called with the part that is sent, from 0 to 1. */
  async upload(artistID, { file, purpose, altText }, progressed) {
    const form = new FormData();
    form.set("purpose", purpose);
    if (altText) form.set("altText", altText);
    form.set("file", file);
    return (await this.#sendForm(mediaPath(artistID), form, progressed)).media;
  }

  get #headers() {
    return this.#credential ? { authorization: `Bearer ${this.#credential}` } : {};
  }

  async #send(method, path, body) {
    const headers = body ? { ...this.#headers, "content-type": "application/json" } : this.#headers;
    let status, text;
    try {
      const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), credentials: "omit" });
      [status, text] = [answer.status, await answer.text()];
    } catch {
      throw unanswered();
    }
    return judged(status, text);
  }

  // fetch does not tell how much of a body has been sent.
  #sendForm(path, form, progressed) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("POST", path);
      for (const [name, value] of Object.entries(this.#headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => event.lengthComputable && progressed(event.loaded / event.total);
      request.onload = () => resolve([request.status, request.responseText]);
      request.onerror = request.ontimeout = request.onabort = () => reject(unanswered());
      request.send(form);
    }).then(([status, text]) => judged(status, text));
  }
}

const artistPath = (artistID) => `/artists/${encodeURIComponent(artistID)}`;
const mediaPath = (artistID) => `${artistPath(artistID)}/media`;

const unanswered = () => new Refusal("No answer came from the server.", { certain: false });

function judged(status, text) {
  let document = null;
  try {
    document = JSON.parse(text);
  } catch {
    // Whoever answered, it was not the API.
  }
  if (status >= 200 && status < 300 && document) return document;
  if (document?.code) throw new Refusal(document.detail ?? document.title, { code: document.code });
  throw new Refusal(`The server answered ${status} and gave no reason.`, { certain: false });
}
