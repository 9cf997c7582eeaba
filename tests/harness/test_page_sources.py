"""Which parts a page names, by what it is made of."""

from __future__ import annotations

import pytest

from lanes.client import Request
from lanes.steps.page_sources import named_in
from tests.harness import samples

PAGE = Request("GET", "https://acme.example/pages/artists?x=1", None, {})


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<script src="/app.js"></script>', ["https://acme.example/app.js"]),
        ("<SCRIPT TYPE=module SRC=app.js></SCRIPT>", ["https://acme.example/pages/app.js"]),
        ('<link rel="stylesheet" href="../s.css?v=1&amp;w=2">', ["https://acme.example/s.css?v=1&w=2"]),
        ('<link rel="modulepreload" href="//cdn.example/m.js"/>', ["https://cdn.example/m.js"]),
        (
            '<script src="/a.js"></script><script src="/b.js"></script>',
            ["https://acme.example/a.js", "https://acme.example/b.js"],
        ),
        ('<script>const src = "/inline.js"</script><script src></script><script src=""></script>', []),
        ('<a href="/elsewhere">x</a><img src="/picture.png"><p>&lt;script src="/text.js"&gt;', []),
        ('<!-- <script src="/comment.js"></script> -->', []),
        ("", []),
        ("<script src='/cut.js", []),
    ],
)
def test_scripts_and_styles_that_a_page_names_are_found(html: str, found: list[str]) -> None:
    assert named_in(samples.answer(body=html.encode(), request=PAGE)) == found


@pytest.mark.parametrize(
    ("script", "found"),
    [
        ('import { Api, Refusal } from "./api.js";', ["https://acme.example/pages/api.js"]),
        ("import './side.js'; export * from '/all.js'", ["https://acme.example/pages/side.js", "https://acme.example/all.js"]),
        ('const late = await import("./late.js");', ["https://acme.example/pages/late.js"]),
        ('const important = "x"; // from here', []),
    ],
)
def test_modules_that_a_script_imports_are_found(script: str, found: list[str]) -> None:
    part = samples.answer(body=script.encode(), request=PAGE, headers={"Content-Type": "text/javascript; charset=utf-8"})
    assert named_in(part) == found


def test_a_page_that_is_no_text_names_nothing() -> None:
    assert named_in(samples.answer(body=b"\xff\xd8\xff\xe0" + bytes(range(256)), request=PAGE)) == []
