from __future__ import annotations

import re

import pytest

from reference_impl.storage.locator import fresh_keys, is_plain


def test_fresh_keys_are_the_path_of_a_url_and_cannot_be_guessed() -> None:
    keys = fresh_keys("png")
    assert set(keys) == {"canonical", "thumbnail"}
    folders = set()
    for key in keys.values():
        match = re.fullmatch(r"media/([0-9a-f]{32})/[0-9a-f]{32}\.png", key)
        assert match
        assert is_plain(key)
        folders.add(match[1])
    assert len(folders) == 1
    assert len({key for _ in range(50) for key in fresh_keys("png").values()}) == 100


@pytest.mark.parametrize("key", ["media/a/b.jpg", "media/A-1_2/x..y"])
def test_a_plain_key_can_stand_in_a_url(key: str) -> None:
    assert is_plain(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "media/a",
        "media/a/b/c",
        "/media/a/b",
        "other/a/b",
        "media/../b",
        "media/a/..",
        "media/a/b?",
        "media/a/é",
        "media/a/b\n",
    ],
)
def test_any_other_key_cannot(key: str) -> None:
    assert not is_plain(key)
