"""Mutants of alternative texts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("REC-5", "as-given")
def texts_are_composed() -> None:
    """A text is stored in Unicode's composed form."""
    _stored(lambda text: unicodedata.normalize("NFC", text))


@mutant("REC-5", "as-given")
def line_ends_become_one_kind() -> None:
    """CR LF is stored as LF."""
    _stored(lambda text: text.replace("\r\n", "\n"))


@mutant("REC-5", "as-given")
def space_at_the_end_is_dropped() -> None:
    """Spaces at the end of a text are dropped."""
    _stored(lambda text: text.rstrip(" "))


@mutant("REC-5", "at-limit")
def texts_are_measured_in_utf16() -> None:
    """What counts in an upload is the number of UTF-16 units."""
    _judged(
        lambda text, longest: text if len(text.encode("utf-16-le", "surrogatepass")) <= 2 * longest else "a" * (longest + 1)
    )


@mutant("REC-5", "too-long")
def long_texts_are_cut() -> None:
    """A text of more than 500 code points is cut to them."""
    _judged(lambda text, longest: text[:longest])


@mutant("REC-5", "too-long")
def texts_are_measured_composed() -> None:
    """What counts is the length of a text in composed form, so that some longer ones pass."""
    from reference_impl import fields

    def alt_text(original: Any, value: Any, maximum: int) -> Any:
        if isinstance(value, str) and len(unicodedata.normalize("NFC", value)) <= maximum:
            return original(value, 10 * maximum)
        return original(value, maximum)

    wrap(fields, "alt_text", alt_text)


@mutant("REC-5", "nul")
def nul_is_dropped() -> None:
    """NUL is dropped from the text of an upload."""
    _judged(lambda text, _: text.replace("\0", ""))


@mutant("REC-5", "null-not-empty")
def empty_text_of_an_upload_is_none() -> None:
    """An upload with an empty text has none at all."""
    from reference_impl.routes import media

    wrap(media, "only", lambda original, form, name: original(form, name) or None)


@mutant("REC-5", "same-in-sync")
def empty_text_of_a_sync_is_none() -> None:
    """A sync with an empty text removes it."""
    _synced(lambda text: text or None)


@mutant("REC-5", "same-in-sync")
def sync_drops_control_characters() -> None:
    """A sync drops NUL from a text, and every other control character but line ends."""
    _synced(lambda text: re.sub(r"[\x00-\x08]", "", text) if text else text)


@mutant("REC-5", "nothing-public")
def refused_text_is_there_as_far_as_it_may_be_long() -> None:
    """A sync with a text that is too long is refused, and the text is there, cut."""
    from tests.mutants import collection

    collection.apply_refused("alt_text_invalid", lambda item, _: {"alt_text": (item["altText"] or "")[:500].strip("\0")})


def _stored(made: Callable[[str], str]) -> None:
    """What was judged as it is, is stored as something else."""
    from reference_impl import fields

    def alt_text(original: Any, *args: Any) -> Any:
        text = original(*args)
        return text if text is None else made(text)

    wrap(fields, "alt_text", alt_text)


def _judged(made: Callable[[str, int], str]) -> None:
    """What an upload is sent is judged and stored as something else."""
    from reference_impl.routes import media

    def only(original: Any, form: Any, name: str) -> Any:
        value = original(form, name)
        return made(value, 500) if name == "altText" and isinstance(value, str) else value

    wrap(media, "only", only)


def _synced(made: Callable[[Any], Any]) -> None:
    """What a sync is sent is judged and stored as something else."""
    from reference_impl import fields

    def arranged(original: Any, item: Any, maximum: int) -> Any:
        return original(item | {"altText": made(item["altText"])} if "altText" in item else item, maximum)

    wrap(fields, "arranged", arranged)
