// The entries of a draft at this moment, and the draft's own state.
(words) => {
  const draft = document.querySelector(words.draft);
  if (draft === null) return null;
  const value = (field) => (field === null ? null : field.value);
  return {
    state: draft.getAttribute(words.state),
    artist: draft.getAttribute(words.artist),
    problem: draft.querySelector(words.problem)?.textContent.trim() ?? "",
    entries: [...draft.querySelectorAll(words.entry)].map((entry) => {
      const preview = entry.querySelector(words.preview);
      return {
        item: entry.getAttribute(words.item),
        file: entry.getAttribute(words.file),
        state: entry.getAttribute(words.state),
        text: entry.innerText,
        reason: entry.querySelector(words.reason)?.textContent.trim() ?? "",
        purpose: value(entry.querySelector(words.purpose)),
        alt_text: value(entry.querySelector(words["alt-text"])),
        preview: preview !== null && preview.complete && preview.checkVisibility() ? [preview.naturalWidth, preview.naturalHeight] : [0, 0],
      };
    }),
  };
}
