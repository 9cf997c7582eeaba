"""A measured figure and its bar."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured, the figure, its bar in words, whether it met it, and the figures it was made of."""

    what: str
    value: float
    bar: str
    met: bool
    of: str
