"""What can go wrong on our side of a run, each with a message for the person who runs it."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class Refused(Exception):
    """A guard, a file or the command line said no. Nothing was started, or it was ended at once. Exit code 2."""


class StackError(Exception):
    """Something the lane needs did not start or did not answer. The run is inconclusive."""


class TargetSilent(Exception):
    """The target gave no answer to judge: it refused or closed the connection, broke off, timed out, or only asked to wait."""


def no_place(output: object, error: Exception) -> Refused:
    """What to say where nothing can be written at the place that --output names."""
    return Refused(f"--output {output}: {getattr(error, 'strerror', None) or error}; name another place")


def one_of(value: object, allowed: Iterable[object]) -> str:
    """What a wrong value should have been: the nearest allowed one, if any is near, and all of them."""
    names = [str(name) for name in allowed]
    by_lower = {name.lower(): name for name in names}
    near = [by_lower[each] for each in difflib.get_close_matches(str(value).lower(), by_lower, n=1)]
    hint = f"did you mean {near[0]!r}? " if near else ""
    return f"{hint}allowed: {', '.join(names)}"
