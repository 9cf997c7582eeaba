"""What an answer tells of the caches on its way: whether it came from one, how old it is, and how long it may be kept.

Sources: RFC 9211 (Cache-Status), RFC 9111 sections 4.2 and 5.1 (lifetimes, Age); X-Cache, X-Cache-Status and CF-Cache-Status as
Amazon CloudFront, Fastly, nginx, Varnish and Cloudflare document them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from lanes.client import Answer

_NAMES = ("X-Cache-Status", "X-Cache", "CF-Cache-Status")
# A copy that the origin has confirmed just now, or that has been fetched anew, is as good as the origin's own answer.
_FROM_CACHE = re.compile(r"(?i)^(tcp_(mem_)?)?(hit|stale|updating)|^tcp_.*_hit")
_CONFIRMED = re.compile(r"(?i)^(refreshhit|revalidated)|^tcp_refresh")
_NOT_FROM_CACHE = re.compile(r"(?i)^(tcp_)?(miss|expired|bypass|dynamic|pass)|^none$")
# Amazon CloudFront says this of every error, those that it keeps and those that it has just got; only the former have an Age.
_ERROR = re.compile(r"(?i)^error from cloudfront")


@dataclass(frozen=True, slots=True)
class Sign:
    """Whether an answer came from a cache as it lay there (None: nothing tells), and what it goes by."""

    cached: bool | None
    evidence: str
    confirmed: bool = False  # it lay in a cache, which has asked the origin whether it still holds


def sign_of(answer: Answer) -> Sign:
    """Where an answer came from: by Cache-Status, a header of a vendor's that says no, an Age above 0, or one that says yes.

    Who fetches an answer anew passes on what Age a cache behind it has counted, so its own word comes first. An Age of 0 proves
    nothing: some say it of all that they pass through.
    """
    status = answer.headers.get("Cache-Status")
    if status is not None:
        hit = any("hit" in _parameters(member) for member in status.split(","))
        return Sign(hit, f"Cache-Status: {status}")
    age, word = age_of(answer), _word_of_a_vendor(answer)
    if word and word.cached is False and not word.confirmed:
        return word
    if age:
        return Sign(True, f"Age: {age}")
    return word or Sign(None, "no Cache-Status, Age or X-Cache" if age is None else "an Age of 0 alone, which proves nothing")


def age_of(answer: Answer) -> int | None:
    """The seconds since an answer was made or last confirmed, as a cache counts them; None where none does."""
    told = answer.headers.get("Age", "").strip()
    return int(told) if told.isdecimal() else None


def lifetime_of(answer: Answer) -> float | None:
    """The seconds that a shared cache may keep an answer, None where it does not say."""
    told = _directives(answer.headers.get("Cache-Control", ""))
    if {"no-store", "private", "no-cache"} & told.keys():
        return 0.0
    for name in ("s-maxage", "max-age"):
        if told.get(name, "").isdecimal():
            return float(told[name])
    try:
        expires = parsedate_to_datetime(answer.headers["Expires"])
        return max((expires - parsedate_to_datetime(answer.headers["Date"])).total_seconds(), 0.0)
    except KeyError:
        return None
    except (TypeError, ValueError):
        return 0.0  # a date that is none is one that has passed (RFC 9111, section 5.3)


def forgets(answer: Answer, seconds: float, *, tells: bool, ages: bool = False) -> tuple[bool | None, str]:
    """Whether an answer is none that was kept for longer than `seconds`, and what that goes by.

    The same was asked for longer ago than that, and by nobody since. `tells` is whether the caches were seen to say so when
    they answer just this from what they keep (that they do for pictures tells nothing of errors), `ages` whether an Age above
    0 was seen on anything. None where there is no way to know.
    """
    sign, age, lifetime = sign_of(answer), age_of(answer), lifetime_of(answer)
    if age is not None and age > seconds:
        return False, f"it is {age} s old, whichever cache has kept it ({sign.evidence})"
    if sign.cached:
        # Without an age it is as old as the first answer: nobody else knows the address.
        return age is not None, f"it comes from a cache ({sign.evidence}, Age {age})"
    if sign.cached is False:
        return True, f"it is fresh ({sign.evidence})"
    if age is not None and ages:
        return True, f"it is fresh (Age: {age}, where ages grow)"
    if tells:
        return True, "it is fresh (nothing says that it comes from a cache, as what does says)"
    if lifetime is not None:
        return lifetime <= seconds, f"it does not say whether it comes from a cache, and may be kept for {lifetime:.0f} s"
    return None, "neither does it say whether it comes from a cache nor how long it may be kept"


def _word_of_a_vendor(answer: Answer) -> Sign | None:
    """What the first header says that vendors have for this, None where there is none or nobody knows its words."""
    for name in _NAMES:
        told = answer.headers.get(name, "")
        words = [word.strip() for word in told.split(",") if word.strip()]
        evidence = f"{name}: {told}"
        if any(_CONFIRMED.match(word) for word in words):
            return Sign(False, evidence, confirmed=True)
        if any(_FROM_CACHE.match(word) for word in words):
            return Sign(True, evidence)
        if any(_ERROR.match(word) for word in words):
            aged = age_of(answer) is not None
            return Sign(aged, f"{evidence}, {'with' if aged else 'without'} an Age")
        if any(_NOT_FROM_CACHE.match(word) for word in words):
            return Sign(False, evidence)
    return None


def _directives(header: str) -> Mapping[str, str]:
    pairs = (part.strip().partition("=") for part in header.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in pairs if name}


def _parameters(member: str) -> set[str]:
    """The names of the parameters of one cache in Cache-Status; a parameter without a value is true."""
    names = (part.strip().partition("=") for part in member.split(";")[1:])
    return {name for name, _, value in names if value in {"", "?1"}}
