"""How the pages of a target say what they show: contracts/surfaces.yaml, and what the target file says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from lanes.files import read_contract
from lanes.target import Naming

DRAFT = "draft"
BACKGROUND = "blurred-background"


@dataclass(frozen=True, slots=True)
class Surface:
    """A place on a page where media is shown. `shows`: items or artists; `loads`: thumbnail, src or preview."""

    name: str
    path: str
    selector: str
    shows: str
    loads: str


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The surfaces that show media, by name, and where drafts, roles and attributes are found."""

    surfaces: Mapping[str, Surface]
    drafts: Mapping[str, str]  # the paths of create and edit
    selectors: Mapping[str, str]  # by role, and that of the draft
    attributes: Mapping[str, str]

    def path(self, surface: str, **values: str) -> str:
        """Where a page with this surface, or the form `create` or `edit`, lies: filled in with artistID, mediaID, query."""
        path = self.drafts[surface] if surface in self.drafts else self.surfaces[surface].path
        for name, value in values.items():
            path = path.replace(f"{{{name}}}", quote(value, safe=""))
        return path

    def place(self, name: str) -> Surface:
        """A surface, or one of the draft's two forms as one that shows nothing of what is asked of surfaces."""
        if name in self.drafts:
            return Surface(name, self.drafts[name], self.selectors[DRAFT], "items", "thumbnail")
        return self.surfaces[name]


def vocabulary(naming: Naming) -> Vocabulary:
    """What a target's pages are read by."""
    contract: dict[str, Any] = read_contract("surfaces.yaml")
    attributes = contract["attributes"] | dict(naming.attributes)
    paths, selectors = dict(naming.paths), dict(naming.selectors)

    def selector(name: str, attribute: str) -> str:
        return selectors.get(name, f'[{attributes[attribute]}~="{name}"]')

    shown = {name: each for name, each in contract["surfaces"].items() if name != DRAFT}
    return Vocabulary(
        surfaces={
            name: Surface(name, paths.get(name, each["path"]), selector(name, "surface"), each["shows"], each["loads"])
            for name, each in shown.items()
        },
        drafts={name: paths.get(name, path) for name, path in contract["surfaces"][DRAFT]["paths"].items()},
        selectors={DRAFT: selector(DRAFT, "surface"), **{name: selector(name, "role") for name in contract["roles"]}},
        attributes=attributes,
    )
