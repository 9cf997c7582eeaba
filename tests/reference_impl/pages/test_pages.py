"""What holds for every page: headers, statuses, and that text stays text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference_impl.pages.conftest import HOSTILE
from tests.reference_impl.settings import BASE

if TYPE_CHECKING:
    from tests.reference_impl.pages.conftest import Site

PATHS = (
    "/pages",
    "/pages/artists",
    "/pages/artists/new",
    "/pages/artists/{artist}",
    "/pages/artists/{artist}/gallery",
    "/pages/artists/{artist}/table",
    "/pages/artists/{artist}/edit",
    "/pages/artists/{artist}/media/{media}",
    "/pages/search?q=alert",
)
every_page = pytest.mark.parametrize("path", PATHS)


def filled(site: Site, path: str) -> str:
    return path.format(artist=site.artist, media=site.media[0]["ID"])


@every_page
def test_no_page_runs_what_is_written_in_it(site: Site, path: str) -> None:
    page = site.page(filled(site, path))
    policy = site.service.client("GET", filled(site, path)).headers["content-security-policy"]
    rules = dict(rule.split(" ", 1) for rule in policy.split("; "))
    assert rules == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": f"'self' data: blob: {BASE}",
        "connect-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    assert all("src" in script.attributes or script["type"] == "application/json" for script in page.tags("script"))
    assert page.tags("style") == page.find("style") == []
    assert [name for each in page.all for name in each.attributes if name.startswith("on")] == []


@every_page
def test_nobody_keeps_a_page_or_guesses_what_it_is(site: Site, path: str) -> None:
    headers = site.service.client("GET", filled(site, path)).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"


@every_page
def test_hostile_text_stays_text(site: Site, path: str) -> None:
    page = site.page(filled(site, path))
    assert "alert('1')" not in "".join(text for script in page.tags("script") for text in script.texts)
    assert "49" not in page.tags("main")[0].text.split()
    if "new" not in path and path != "/pages/search?q=alert":
        shown = page.text + "".join(value for each in page.all for value in each.attributes.values())
        assert HOSTILE in shown


@every_page
def test_a_page_can_be_read_and_nothing_else(site: Site, path: str) -> None:
    head = site.service.client("HEAD", filled(site, path))
    assert head.status == 200
    for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
        answer = site.service.client(method, filled(site, path))
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")
        assert answer.headers["content-type"] == "text/html; charset=utf-8"


@every_page
def test_a_page_has_a_title_a_language_and_its_headings_in_order(site: Site, path: str) -> None:
    page = site.page(filled(site, path))
    assert page.tags("html")[0]["lang"] == "en"
    assert page.tags("title")[0].text.endswith(" · medialane")
    headings = [each.tag for each in page.all if each.tag in {"h1", "h2", "h3"}]
    assert headings[0] == "h1"
    assert headings.count("h1") == 1
    assert [len(page.tags(landmark)) for landmark in ("main", "footer")] == [1, 1]


@pytest.mark.parametrize(
    "path",
    [
        "/pages/artists/nobody",
        "/pages/artists/nobody/edit",
        "/pages/artists/%00/gallery",
        "/pages/artists/{artist}/media/nothing",
        "/pages/artists/",
        "/pages/",
        "/pages/elsewhere",
        "/pages/static/nothing.css",
        "/pages/static/..%2fpage.py",
        "/pages/static/" + "a" * 300,
    ],
)
def test_what_is_nowhere_is_a_page_that_says_so_and_leads_on(site: Site, path: str) -> None:
    page = site.page(filled(site, path), 404)
    assert "404 Not Found" in page.text
    assert {"/pages", "/pages/artists"} <= {link["href"] for link in page.tags("main")[0].tags("a")}
    assert site.service.client("GET", filled(site, path)).headers["cache-control"] == "no-store"


def test_another_artists_picture_is_nowhere(site: Site) -> None:
    site.page(f"/pages/artists/{site.nobody}/media/{site.media[0]['ID']}", 404)


def test_a_cursor_of_no_listing_is_refused(site: Site) -> None:
    page = site.page("/pages/artists?cursor=!", 422)
    assert "The cursor is not one of this listing." in page.text


def test_a_failure_is_a_page_that_tells_nothing(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reference_impl.records.newest_artists", lambda *_: 1 / 0)
    answer = site.service.client("GET", "/pages")
    assert answer.status == 500
    assert b"Something went wrong here." in answer.body
    assert b"division" not in answer.body
    assert isinstance(answer.raised, ZeroDivisionError)


def test_outside_the_pages_a_path_that_is_nowhere_answers_a_problem_document(site: Site) -> None:
    for path in ("/", "/page", "/pagesx", "/static/base.css"):
        assert site.service.client("GET", path).code == "not_found"


@pytest.mark.parametrize(
    ("file", "kind"), [("base.css", "text/css"), ("draft-page.js", "javascript"), ("icon.svg", "image/svg+xml")]
)
def test_static_files_are_kept_for_as_long_as_they_are_the_same(site: Site, file: str, kind: str) -> None:
    answer = site.service.client("GET", f"/pages/static/{file}")
    assert answer.status == 200
    assert kind in answer.headers["content-type"]
    assert (answer.headers["cache-control"], answer.headers["x-content-type-options"]) == ("no-cache", "nosniff")
    again = site.service.client("GET", f"/pages/static/{file}", headers={"if-none-match": answer.headers["etag"]})
    assert (again.status, again.body) == (304, b"")


@pytest.mark.parametrize(
    ("path", "said", "link"),
    [
        ("/pages/artists/{nobody}", "no pictures of this artist yet", "/pages/artists/{nobody}/edit"),
        ("/pages/artists/{nobody}/gallery", "no pictures of this artist yet", "/pages/artists/{nobody}/edit"),
        ("/pages/artists/{nobody}/table", "no pictures of this artist yet", "/pages/artists/{nobody}/edit"),
        ("/pages/search?q=zzz", "Nobody is called that", "/pages/artists"),
        ("/pages/search?q=%00", "Nobody is called that", "/pages/artists"),
    ],
)
def test_where_there_is_nothing_a_page_says_what_to_do(site: Site, path: str, said: str, link: str) -> None:
    main = site.page(path.format(nobody=site.nobody)).tags("main")[0]
    assert said in main.text
    assert link.format(nobody=site.nobody) in {each["href"] for each in main.tags("a")}
