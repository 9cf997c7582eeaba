"""Steps about what pages must not hold: what opens the storage, and requests that go past the application."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from pytest_bdd import then

from lanes.browsing.visit import Visit
from lanes.leaks import bucket_hosts_in, credentials_in, secrets_among, signed_requests_in
from lanes.steps.looking import judge, plain, visits
from lanes.steps.world import World

_TEXTS = {"document", "script", "stylesheet", "xhr", "fetch", "manifest", "other"}


@then("nothing that a page is made of, keeps or asks for opens the storage")
def _(world: World) -> None:
    for looked in visits(world):
        for what, text in parts(looked):
            found = opens(world, text)
            judge(world, looked, "SUR-6", "no-credential", not found, f"{what} holds {', '.join(found)}")


@then("no page asks a storage provider for anything")
def _(world: World) -> None:
    for looked in visits(world):
        asked = [each.url for each in looked.sent if is_providers(world, each.url)]
        judge(world, looked, "SUR-6", "no-provider-request", not asked, f"it asks {', '.join(sorted(asked)[:3])}")


def parts(looked: Visit) -> Iterator[tuple[str, str]]:
    """Everything of a page that is text, by what it is: its parts, what it keeps, what it sends and what it is answered."""
    for each in looked.sent:
        if each.kind in _TEXTS:
            yield each.url, each.text
        yield (
            f"the request to {plain(each.url)}",
            "\n".join([each.url, *_lines(each.asked), each.payload.decode("utf-8", "replace")]),
        )
        yield f"the answer of {plain(each.url)}", "\n".join(_lines(each.headers))
    yield "what scripts have made of it", looked.html
    yield "what it keeps in the browser", looked.stored


def _lines(headers: Mapping[str, str]) -> list[str]:
    return [f"{name}: {value}" for name, value in headers.items()]


def opens(world: World, text: str) -> list[str]:
    """What in a text is a storage credential, or a request that is signed with one."""
    signed = signed_requests_in(text, parts=2)  # in scripts, much looks like a query that is none
    return [*known_credentials_in(world, text), *(f"the signed request {each[:60]}…" for each in signed)]


def known_credentials_in(world: World, text: str) -> list[str]:
    """What in a text is a storage credential: by name where it is one that the run knows, else as far as it may be told."""
    place = world.stack.place
    eyes = place.deployment.eyes if place.deployment else None
    secrets = secrets_among(place.settings) | (eyes.secrets if eyes else {})
    return [*(name for name, value in secrets.items() if value in text), *credentials_in(text)]


def is_providers(world: World, url: str) -> bool:
    """Whether a URL leads to a storage provider, by the shape of its host or as the target's own bucket."""
    place = world.stack.place
    deployment = place.deployment
    own = {urlsplit(place.base_url).netloc, *([deployment.distribution] if deployment else [])}
    return bool(bucket_hosts_in(url, deployment.bucket if deployment else None, own))
