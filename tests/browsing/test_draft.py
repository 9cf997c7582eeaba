"""A form that is nobody's but this test's, in a style of its own, used as a draft by what a target file says of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lanes.browsing.draft import Draft, Unusable
from lanes.browsing.writes import creations, form_of, patches, syncs, uploads
from lanes.client import Upload
from lanes.surfaces import Vocabulary, vocabulary
from lanes.target import Naming
from tests.browsing.site import Site, page
from tests.harness.servers import Asked, Reply

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

FORM = (Path(__file__).parent / "form.html").read_text(encoding="utf-8")
SELECTORS = {
    "draft": "#record",
    "name": ".who",
    "bio": ".about",
    "choose": ".pick",
    "entry": "li.pic",
    "preview": "img",
    "purpose": ".as",
    "alt-text": ".says",
    "earlier": ".up",
    "later": ".down",
    "remove": ".out",
    "reason": ".why",
    "problem": ".trouble",
    "submit": ".go",
    "retry": ".again",
}
NAMING = Naming(
    selectors=tuple(SELECTORS.items()),
    attributes=(("item", "data-key"), ("artist", "data-owner"), ("file", "data-file"), ("state", "data-step")),
)
_JSON = {"Content-Type": "application/json"}
_PROBLEM = {"title": "No", "status": 503, "code": "storage_unavailable", "detail": "The store has moved."}
PATIENCE = 2.0


def saying(status: int, said: object) -> Reply:
    return Reply(status, _JSON, json.dumps(said).encode())


@pytest.fixture
def form(site: Site) -> Site:
    """The site with the form, and what it needs of a target. The items are called by the order in which they came."""
    came: list[Asked] = []

    def take(asked: Asked) -> Reply:
        if asked.method == "PUT":
            return saying(200, {})
        came.append(asked)
        return saying(201, {"media": {"ID": f"m{len(came)}"}})

    site.show(FORM)
    site.show("<p>Well done.</p>", "/elsewhere")
    site.replies["/artists"] = lambda asked: saying(201, {"artist": {"ID": "a1", **json.loads(asked.body)}})
    site.replies["/artists/a1/media"] = take
    return site


def opened(context: BrowserContext, site: Site, words: Vocabulary | None = None, where: str = "/page") -> Draft:
    draft = Draft(context.new_page(), words or vocabulary(NAMING), PATIENCE)
    draft.open(site.base_url + where)
    return draft


def files(site: Site, *names: str) -> list[Upload]:
    small = site.replies["/small.png"]
    assert isinstance(small, Reply)
    return [Upload(small.body, "image/png", name) for name in names]


def names(draft: Draft) -> list[str | None]:
    return [entry.file for entry in draft.entries]


def test_a_form_in_another_style_is_filled_in_and_submitted(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    draft.fill("name", "Zoë")
    draft.may_fill("bio", "Since 1983.")
    draft.may_fill("credential", "nobody asks for it")
    draft.choose(files(form, "a.png", "b.png"))
    draft.choose(files(form, "c.png"))
    draft.describe(1, "profile", "The “harbour” & more")
    draft.press("earlier", 2)
    assert draft.writes == []
    shown = draft.form
    assert shown
    assert (shown.state, shown.artist, shown.problem) == ("editing", None, "")
    assert [(each.item, each.file, each.state, each.purpose, each.alt_text, each.preview) for each in shown.entries] == [
        (None, "a.png", "chosen", "gallery", "", (60, 40)),
        (None, "c.png", "chosen", "gallery", "", (60, 40)),
        (None, "b.png", "chosen", "profile", "The “harbour” & more", (60, 40)),
    ]
    assert "a.png" in shown.entries[0].text
    draft.submit()
    done = draft.form
    assert done
    assert (done.state, done.artist, [each.item for each in done.entries]) == ("done", "a1", ["m1", "m2", "m3"])
    assert form.writes == [("POST", "/artists"), *[("POST", "/artists/a1/media")] * 3]
    sent = [each.body for each in form.asked if each.path.endswith("/media")]
    assert ["c.png" in str(body) for body in sent] == [False, True, False]
    assert "The “harbour” & more".encode() in sent[2]


def test_writes_are_told_in_their_order_and_what_waits_for_an_answer_begins_after_it(
    context: BrowserContext, form: Site
) -> None:
    draft = opened(context, form)
    draft.choose(files(form, "a.png", "b.png"))
    draft.submit()
    draft.press("later", 0)
    draft.submit()
    writes = draft.writes
    (created,), sent, (saved,) = creations(writes), uploads(writes), syncs(writes)
    assert [each.method for each in writes] == ["POST", "POST", "POST", "PUT"]
    assert patches(writes) == []
    assert 0 < created.began < created.answered < sent[0].began < sent[0].answered < sent[1].began
    assert sent[1].answered < saved.began < saved.answered
    assert (created.status, created.json["artist"]["ID"], [each.json["media"]["ID"] for each in sent]) == (
        201,
        "a1",
        ["m1", "m2"],
    )


def test_a_picture_is_moved_and_taken_out(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    draft.choose(files(form, "a.png", "b.png", "c.png"))
    draft.press("later", 0)
    assert names(draft) == ["b.png", "a.png", "c.png"]
    draft.press("earlier", 2)
    assert names(draft) == ["b.png", "c.png", "a.png"]
    draft.press("remove", 1)
    assert names(draft) == ["b.png", "a.png"]
    assert form.writes == []


def test_a_purpose_may_be_written_instead_of_chosen(context: BrowserContext, form: Site) -> None:
    form.show(
        FORM.replace('<select class="as"><option>gallery</option><option>profile</option></select>', '<input class="as">')
    )
    draft = opened(context, form)
    draft.choose(files(form, "a.png"))
    draft.describe(0, "profile", "")
    assert [(each.purpose, each.alt_text) for each in draft.entries] == [("profile", "")]


@pytest.mark.parametrize("role", ["name", "choose", "submit", "retry"])
def test_a_part_that_the_form_has_not_is_named_with_what_was_looked_for(context: BrowserContext, form: Site, role: str) -> None:
    draft = opened(context, form, without(role))
    with pytest.raises(Unusable, match=rf"the draft has no {role}: nothing in it matches \.nowhere"):
        draft.choose(files(form, "a.png")) if role == "choose" else draft.fill(role, "x")
    assert not draft.can(role)


@pytest.mark.parametrize("role", ["purpose", "alt-text", "earlier"])
def test_a_part_that_an_entry_has_not_is_named_with_its_place(context: BrowserContext, form: Site, role: str) -> None:
    draft = opened(context, form, without(role))
    draft.choose(files(form, "a.png", "b.png"))
    with pytest.raises(Unusable, match=rf"entry 2 of the draft has no {role}: nothing in it matches \.nowhere"):
        draft.press(role, 1) if role == "earlier" else draft.describe(1, "profile", "x")


def without(role: str) -> Vocabulary:
    return vocabulary(Naming(selectors=tuple({**SELECTORS, role: ".nowhere"}.items()), attributes=NAMING.attributes))


@pytest.mark.parametrize(
    ("use", "role", "selector"),
    [
        (lambda draft: draft.press("retry"), "retry", ".again"),
        (lambda draft: draft.fill("name", "Zoë"), "name", ".who"),
        (lambda draft: draft.describe(0, "poster", ""), "purpose", ".as"),
    ],
    ids=["disabled control", "disabled field", "no such choice"],
)
def test_a_part_that_cannot_be_used_is_named_with_where_it_is(
    context: BrowserContext, form: Site, use: Callable[[Draft], None], role: str, selector: str
) -> None:
    form.show(FORM.replace('class="who"', 'class="who" disabled'))
    draft = opened(context, form)
    draft.choose(files(form, "a.png"))
    context.set_default_timeout(400)
    with pytest.raises(Unusable) as unusable:
        use(draft)
    assert role in str(unusable.value)
    assert selector in str(unusable.value)


def test_what_can_be_pressed_is_known(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    assert (draft.can("submit"), draft.can("retry"), draft.can("credential")) == (True, False, False)


def test_a_form_that_is_gone_has_nothing_to_be_used(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    draft.leave(f"{form.base_url}/elsewhere")
    assert draft.form is None
    with pytest.raises(Unusable, match="the form is gone"):
        draft.choose(files(form, "a.png"))
    with pytest.raises(Unusable, match=r"the draft has no submit: nothing in it matches \.go"):
        draft.submit()


@pytest.mark.parametrize(
    ("where", "told"),
    [("/elsewhere", "answered 200 and has no draft"), ("/nowhere", "answered 404 and has no draft"), ("/two", "answered 200")],
)
def test_a_page_without_the_one_form_is_none_to_draft_in(context: BrowserContext, form: Site, where: str, told: str) -> None:
    form.show("<i id=record></i>" * 2, "/two")
    with pytest.raises(Unusable, match=rf"{where} {told}.*: one element should match #record"):
        opened(context, form, where=where)


def test_a_page_that_does_not_open_is_none_to_draft_in(context: BrowserContext, nobody: str) -> None:
    draft = Draft(context.new_page(), vocabulary(NAMING), PATIENCE)
    with pytest.raises(Unusable, match=r"http://127\.0\.0\.1:\d+/new does not open: .*ERR_CONNECTION_REFUSED"):
        draft.open(f"{nobody}/new")


def test_a_form_that_takes_fewer_files_than_were_chosen_says_how_many(context: BrowserContext, form: Site) -> None:
    form.show(FORM.replace("of target.files)", "of [...target.files].slice(1))"))
    draft = opened(context, form)
    with pytest.raises(Unusable, match="2 files are chosen, and the draft has 1 entries more"):
        draft.choose(files(form, "a.png", "b.png"))


def test_a_file_that_is_no_picture_has_no_preview(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    draft.choose([Upload(b"no picture", "image/png", "a.png")])
    assert [(each.file, each.preview) for each in draft.entries] == [("a.png", (0, 0))]


def test_one_upload_is_made_to_fail_and_no_other(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form)
    draft.choose(files(form, "a.png", "b.png", "c.png"))
    draft.fail_upload("b.png", 503, _PROBLEM)
    draft.submit()
    shown = draft.form
    assert shown
    assert shown.state == "failed"
    assert [(each.state, each.reason) for each in shown.entries] == [
        ("persisted", ""),
        ("failed", "The store has moved."),
        ("persisted", ""),
    ]
    assert [(each.status, (each.json or {}).get("code")) for each in uploads(draft.writes)] == [
        (201, None),
        (503, "storage_unavailable"),
        (201, None),
    ]
    assert form.writes == [("POST", "/artists"), *[("POST", "/artists/a1/media")] * 2]
    assert draft.can("retry")
    draft.submit("retry")
    assert draft.form
    assert draft.form.state == "done"
    # b came last, so the order has to be saved.
    assert [each.method for each in draft.writes[4:]] == ["POST", "PUT"]


def test_why_a_draft_failed_as_a_whole_is_told(context: BrowserContext, form: Site) -> None:
    form.replies["/artists"] = saying(422, {"detail": "A name is needed."})
    draft = opened(context, form)
    draft.submit()
    shown = draft.form
    assert shown
    assert (shown.state, shown.problem) == ("failed", "A name is needed.")


def test_what_was_answered_is_known_also_where_the_page_has_led_elsewhere(context: BrowserContext, form: Site) -> None:
    draft = opened(context, form, where="/page#leads-on")
    draft.choose(files(form, "a.png", "b.png"))
    draft.press("later", 0)
    draft.submit()
    assert draft.form is None
    assert [(each.method, each.status) for each in draft.writes] == [("POST", 201)] * 3
    # What was sent is known in any case; of the last answer, the status alone may be.
    assert [form_of(each)["file"] for each in uploads(draft.writes)] == ["b.png", "a.png"]


def test_a_picture_of_the_form_is_a_jpeg(context: BrowserContext, form: Site) -> None:
    form.replies["/page"] = page(FORM)
    assert opened(context, form).picture().startswith(b"\xff\xd8")
