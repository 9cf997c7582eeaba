// What submitting a draft sends, in which order: the artist, then the files that are missing, and at most one sync.

import { Refusal } from "./api.js";

/**
 * Sends what is missing of a draft and tells whether all of it is persisted. Calls `changed` with each entry as it fares.
 * Throws a Refusal where the artist or the sync is refused. Sent again, it goes on where it stopped.
 */
export async function submit(draft, api, changed) {
  await saveArtist(draft, api);
  await settleDoubts(draft, api, changed);
  for (const entry of draft.missing) await upload(draft, entry, api, changed);
  if (draft.missing.length > 0) return false;
  if (!draft.isInStep) {
    await api.sync(draft.artist.ID, draft.wanted);
    draft.held = draft.wanted;
  }
  return true;
}

async function saveArtist(draft, api) {
  const { changes } = draft;
  if (!draft.artist) draft.artist = await api.createArtist(changes);
  else if (Object.keys(changes).length > 0) draft.artist = await api.editArtist(draft.artist.ID, changes);
}

async function upload(draft, entry, api, changed) {
  const progressed = (progress) => {
    entry.uploading(progress);
    changed(entry);
  };
  progressed(0);
  try {
    draft.arrived(entry, await api.upload(draft.artist.ID, entry, progressed));
  } catch (refusal) {
    if (!(refusal instanceof Refusal)) throw refusal;
    entry.failed(refusal.message);
    if (!refusal.certain) draft.doubtful.push(entry);
  }
  changed(entry);
}

// An upload without an answer may have arrived: only the collection tells. It is not sent a second time then.
async function settleDoubts(draft, api, changed) {
  if (draft.doubtful.length === 0) return;
  const collection = await api.collection(draft.artist.ID);
  const known = new Set(draft.held.map(({ ID }) => ID));
  const strangers = collection.filter(({ ID }) => !known.has(ID));
  for (const entry of draft.doubtful) {
    const place = strangers.findIndex((item) => item.originalFileName === entry.name);
    if (place < 0) continue;
    draft.arrived(entry, strangers.splice(place, 1)[0]);
    changed(entry);
  }
  draft.settled(collection.map(({ ID }) => ID));
}
