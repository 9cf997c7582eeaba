// The operations of the contract: each reads what it needs and answers. What they share was judged before (routes.mjs).

import { empty, json } from "./answers.mjs";
import { readJson } from "./bodies.mjs";
import { onceAnswered } from "./connections.mjs";
import { cursorAfter, positionOf } from "./cursors.mjs";
import { artistDetails, syncItems, uploadFields } from "./fields.mjs";
import { readForm } from "./multipart.mjs";
import { CONTRACT_VERSION, publishedPolicy } from "./policy.mjs";
import { Problem } from "./problems.mjs";

export async function listArtists({ app, query }) {
  const limit = single(query, "limit") ?? "50";
  if (!/^([1-9][0-9]?|100)$/.test(limit)) throw new Problem("cursor_invalid", "limit is 1 to 100.");
  const cursor = single(query, "cursor");
  const count = Number(limit);
  const found = app.records.artistsAfter(cursor === undefined ? 0 : positionOf(cursor), count + 1);
  const page = found.slice(0, count);
  const nextCursor = found.length > count ? cursorAfter(page.at(-1).number) : null;
  return json(200, { artists: page.map((artist) => app.views.card(artist)), nextCursor });
}

export async function createArtist({ app, request, response }) {
  const details = artistDetails(await readJson(request, response), { partial: false });
  return json(201, { artist: app.views.artist(app.records.createArtist(details)) });
}

export async function readArtist({ app, artist }) {
  return json(200, { artist: app.views.artist(artist) });
}

export async function editArtist({ app, artist, request, response }) {
  const changes = artistDetails(await readJson(request, response), { partial: true });
  return json(200, { artist: app.views.artist(app.records.editArtist(artist.ID, changes)) });
}

export async function deleteArtist({ app, artist }) {
  await app.library.removeArtist(artist.ID);
  return empty();
}

export async function listArtistMedia({ app, artist }) {
  return json(200, { media: app.views.media(artist) });
}

export async function uploadArtistMedia({ app, artist, request, response }) {
  const fields = uploadFields(await readForm(request, response, ["file", "purpose", "altText"]));
  const row = await app.library.upload(artist.ID, fields);
  // Until its answer has been sent, no client can name the item in a sync.
  onceAnswered(request, response, () => app.records.announce(row.ID));
  return json(201, { media: app.views.item(row, artist.media.findIndex(({ ID }) => ID === row.ID)) });
}

export async function syncArtistMedia({ app, artist, request, response }) {
  const known = app.records.announced(artist.ID); // as the request begins
  const items = syncItems(await readJson(request, response));
  return json(200, { media: app.views.media(await app.library.sync(artist.ID, items, known)) });
}

export async function deleteArtistMedia({ app, artist, parameters }) {
  await app.library.removeItem(artist.ID, parameters.mediaID);
  return empty();
}

export async function readMediaPolicy({ app }) {
  return json(200, publishedPolicy(app.settings));
}

export async function readHealth() {
  return json(200, { status: "ok", contractVersion: CONTRACT_VERSION });
}

function single(query, name) {
  const values = query.getAll(name);
  if (values.length > 1) throw new Problem("cursor_invalid", `${name} is given at most once.`);
  return values[0];
}
