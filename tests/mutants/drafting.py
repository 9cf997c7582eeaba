"""Mutants of drafts: what goes out too early, too often, in the wrong order or not at all, and what is not said."""

from __future__ import annotations

from tests.mutants import rewording
from tests.mutants.mutant import mutant

_SYNC = "await api.sync(draft.artist.ID, draft.wanted);"
_UPLOAD = "draft.arrived(entry, await api.upload(draft.artist.ID, entry, progressed));"
_ONCE_MORE = "await api.upload(draft.artist.ID, entry, progressed);"
_UPLOADS = "for (const entry of draft.missing) await upload(draft, entry, api, changed);"


@mutant("DRF-1", "previews")
def no_previews() -> None:
    """What is chosen is listed by name, and not shown."""
    rewording.script("entry.js", ("view.preview.src = URL.createObjectURL(entry.file);", ""))


@mutant("DRF-1", "no-write")
def drafts_that_upload_at_once() -> None:
    """Files are sent as soon as they are chosen, to wait for their artist."""
    rewording.script(
        "form.js",
        (
            "this.#adopt(view);\n        this.#advise(view);",
            'this.#adopt(view);\n        fetch("/media/drafts", { method: "POST", body: view.entry.file });',
        ),
    )


@mutant("DRF-1", "nothing-persisted")
def leaving_saves() -> None:
    """Whoever leaves the page has created the artist."""
    rewording.script("form.js", ("  listen() {", f"  listen() {{\n    {_ON_LEAVING}"))


@mutant("DRF-1", "nothing-persisted")
def leaving_an_edit_uploads() -> None:
    """Whoever leaves an edit has uploaded what was chosen."""
    rewording.script("form.js", ("  listen() {", f"  listen() {{\n    {_UPLOADING_ON_LEAVING}"))


@mutant("DRF-2", "artist-first")
def pictures_do_not_wait_for_the_artist() -> None:
    """Of an edit, pictures are sent while the artist's details are still on their way."""
    rewording.script(
        "submission.js",
        ("  await saveArtist(draft, api);", "  const saved = saveArtist(draft, api);\n  if (!draft.artist) await saved;"),
    )


@mutant("DRF-2", "all-uploaded")
def uploads_without_alternative_text() -> None:
    """Alternative texts are not sent with the pictures, but saved later."""
    rewording.script("api.js", ('if (altText) form.set("altText", altText);', ""))


@mutant("DRF-2", "all-uploaded")
def every_picture_is_sent_twice() -> None:
    """A picture is uploaded a second time once it has arrived."""
    rewording.script(
        "submission.js",
        (_UPLOAD, f"{_UPLOAD}\n    {_ONCE_MORE}"),
    )


@mutant("DRF-2", "sync-last")
def sync_before_upload() -> None:
    """The order is saved before the pictures are sent, and not afterwards."""
    early = f"if (draft.held.length > 0) {_EARLY_SYNC}\n  {_UPLOADS}"
    rewording.script("submission.js", ("  if (!draft.isInStep) {", "  if (false) {"), (_UPLOADS, early))


@mutant("DRF-2", "sync-last")
def the_order_is_never_saved() -> None:
    """Pictures stay in the order in which they were sent."""
    rewording.script("submission.js", ("  if (!draft.isInStep) {", "  if (false) {"))


@mutant("DRF-2", "no-needless-sync")
def needless_sync() -> None:
    """The collection is saved, whether it is as drafted already or not."""
    rewording.script("submission.js", ("  if (!draft.isInStep) {", "  {"))


@mutant("DRF-2", "as-drafted")
def saving_the_order_forgets_the_texts() -> None:
    """Where the order is saved, alternative texts are lost."""
    forgetful = "draft.wanted.map((each) => ({ ...each, altText: null }))"
    rewording.script("submission.js", (_SYNC, _SYNC.replace("draft.wanted", forgetful)))


@mutant("DRF-2", "as-drafted")
def names_lose_their_last_letter() -> None:
    """The artist is not called as it was drafted."""
    rewording.script("form.js", ("draft.name = target.value", "draft.name = target.value.slice(0, -1)"))


@mutant("DRF-3", "succeeded-stay")
def one_failure_undoes_all() -> None:
    """Where a picture fails, those that were accepted are deleted again."""
    rewording.script(
        "submission.js", ("  if (draft.missing.length > 0) return false;", f"  if (draft.missing.length > 0) {_UNDOING}")
    )


@mutant("DRF-3", "names-file")
def the_wrong_file_is_blamed() -> None:
    """It is the first picture that is said to have failed."""
    rewording.script(
        "submission.js",
        ("entry.failed(refusal.message);", "draft.entries[0].failed(refusal.message); changed(draft.entries[0]);"),
    )


@mutant("DRF-3", "names-reason")
def server_reason_swallowed() -> None:
    """Where a picture could not be stored, nothing is said but that it was not."""
    rewording.script("submission.js", ("entry.failed(refusal.message);", 'entry.failed("Please try again later.");'))


@mutant("DRF-3", "no-doubles")
def a_retry_sends_everything() -> None:
    """What is missing is taken to be everything that was chosen."""
    rewording.script("draft.js", ("this.entries.filter((entry) => !entry.ID)", "this.entries.filter((entry) => entry.file)"))


@mutant("DRF-3", "retry-missing-only")
def a_retry_creates_another_artist() -> None:
    """What failed is sent to a second artist of the same name."""
    rewording.script("submission.js", ("  if (draft.missing.length > 0) return false;", _ANOTHER_ARTIST))


@mutant("DRF-3", "retry-missing-only")
def retry_that_doubles() -> None:
    """What is sent again is sent twice."""
    rewording.script(
        "submission.js",
        (_UPLOAD, f"const again = entry.tried;\n    entry.tried = true;\n    if (again) {_ONCE_MORE}\n    {_UPLOAD}"),
    )


@mutant("DRF-4", "still-judged")
def preflight_has_the_last_word() -> None:
    """What preflight has a feeling about is never sent."""
    rewording.script(
        "draft.js",
        (
            "this.entries.filter((entry) => !entry.ID)",
            "this.entries.filter((entry) => !entry.ID && !/damaged/.test(entry.name))",
        ),
    )


@mutant("DRF-4", "reason-shown")
def refusals_in_other_words() -> None:
    """What the server says of a picture is replaced by something kinder."""
    rewording.script(
        "api.js",
        (
            "throw new Refusal(document.detail ?? document.title, { code: document.code });",
            'throw new Refusal(status < 500 ? "This picture is not to our taste." : document.detail);',
        ),
    )


@mutant("DRF-5", "new-files-only")
def an_edit_uploads_all_again() -> None:
    """Of an edit, the pictures that are there are uploaded as well."""
    rewording.script("submission.js", (_UPLOADS, f"{_UPLOADS}\n  {_OLD_ONES}"))


@mutant("DRF-5", "one-sync")
def an_edit_is_saved_twice() -> None:
    """The collection is saved a second time, to be sure."""
    rewording.script("submission.js", (_SYNC, f"{_SYNC}\n    {_SYNC}"))


@mutant("DRF-5", "no-change-no-write")
def an_edit_always_writes() -> None:
    """The artist's details are sent, changed or not."""
    rewording.script("submission.js", ("else if (Object.keys(changes).length > 0)", "else"))


_HEADERS = '{ authorization: `Bearer ${this.#role("credential").value}`, "content-type": "application/json" }'
_ON_LEAVING = (
    'addEventListener("pagehide", () => fetch("/artists", { method: "POST", keepalive: true, '
    f"headers: {_HEADERS}, body: JSON.stringify({{ name: this.draft.name }}) }}));"
)
_UPLOADING_ON_LEAVING = (
    'addEventListener("pagehide", () => { for (const entry of this.draft.missing) { const form = new FormData(); '
    'form.set("purpose", "gallery"); form.set("file", entry.file); '
    'if (this.draft.artist) fetch(`/artists/${this.draft.artist.ID}/media`, { method: "POST", keepalive: true, '
    'headers: { authorization: `Bearer ${this.#role("credential").value}` }, body: form }); } });'
)
_EARLY_SYNC = "await api.sync(draft.artist.ID, draft.wanted.filter((each) => each.ID));"
_UNDOING = "{\n    await api.sync(draft.artist.ID, []);\n    return false;\n  }"
_ANOTHER_ARTIST = "  if (draft.missing.length > 0) {\n    draft.artist = null;\n    return false;\n  }"
_OLD_ONES = (
    "for (const entry of draft.entries.filter((each) => !each.file)) {\n"
    "    const item = draft.artist.media.find((each) => each.ID === entry.ID);\n"
    "    const file = new File([await (await fetch(item.src)).blob()], item.originalFileName, { type: item.mimeType });\n"
    "    await api.upload(draft.artist.ID, { ...entry, file }, () => {});\n  }"
)
