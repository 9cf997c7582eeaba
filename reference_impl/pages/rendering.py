"""Templates, and the headers that every page goes out with."""

from __future__ import annotations

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

TEMPLATES = Environment(
    loader=PackageLoader("reference_impl.pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
# Nothing inline, nothing from elsewhere but media: text that people wrote stays text, whatever it says.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob: {media}; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


class Document(HTMLResponse):
    """A template with what it shows."""

    def __init__(self, template: str, media_origin: str, *, status: int = 200, **shown: Any) -> None:
        content = TEMPLATES.get_template(template).render(status=status, **shown)
        super().__init__(content, status, headers=headers(media_origin) | {"cache-control": "no-store"})


def headers(media_origin: str) -> dict[str, str]:
    return {
        "content-security-policy": CONTENT_SECURITY_POLICY.format(media=media_origin),
        "x-content-type-options": "nosniff",
        "referrer-policy": "same-origin",
    }
