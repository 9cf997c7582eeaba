"""Mutants of the pages: what they load, when, how it shows, and what else is in them."""

from __future__ import annotations

from tests.mutants import rewording
from tests.mutants.mutant import mutant

_ACCOUNT = "DefaultEndpointsProtocol=https;AccountName=media;AccountKey=bm90LWEtcmVhbC1rZXktYnV0LXNoYXBlZA==;"
_KEY = "AKIA" + "MUTANT0123456789"
_ELSEWHERE = "https://media.s3.eu-central-1.amazonaws.com"
_WHEN_SEEN = """
const seen = new IntersectionObserver((found) => {
  for (const { isIntersecting, target } of found) if (isIntersecting && !target.src) target.src = target.dataset.src;
});
for (const image of document.querySelectorAll("img[data-src]")) seen.observe(image);
"""
_SIZE = 'width="{{ item.width }}" height="{{ item.height }}"{% else %} class="unsized"{% endif %}'
_LEAD = ' loading="eager" fetchpriority="high" data-media-role="lead"'
_CARD = '{{ thumbnail(card.image, alt="") }}'


@mutant("SUR-1", "showcase")
def full_images_in_the_showcase() -> None:
    """The showcase loads src."""
    _large("showcase.html", "item, lead=first and loop.first")


@mutant("SUR-1", "gallery")
def full_images_in_the_gallery() -> None:
    """The gallery loads src."""
    _large("gallery.html", "item, lead=loop.first")


@mutant("SUR-1", "gallery")
def the_gallery_loads_full_images_too() -> None:
    """The gallery shows thumbnails, and loads src of each besides."""
    rewording.template(
        "gallery.html", "{{ link_name(item", '<link rel="preload" as="image" href="{{ item.src }}">{{ link_name(item'
    )


@mutant("SUR-1", "table")
def full_images_in_the_table() -> None:
    """The table loads src."""
    _large("table.html", "item")


@mutant("SUR-1", "card")
def full_images_on_cards() -> None:
    """A card loads src of its profile image."""
    _large_card("card")


@mutant("SUR-1", "search-result")
def full_images_in_search_results() -> None:
    """A search result loads src of its image."""
    _large_card("search-result")


@mutant("SUR-2", "carousel")
def thumbnails_in_the_carousel() -> None:
    """The carousel shows thumbnails."""
    rewording.template("carousel.html", "image(item, item.src", "image(item, item.thumbnailSrc")


@mutant("SUR-2", "carousel")
def the_second_slide_is_small() -> None:
    """The carousel shows src at first, and thumbnails once it is moved on."""
    rewording.template("carousel.html", "image(item, item.src", "image(item, item.src if loop.first else item.thumbnailSrc")


@mutant("SUR-2", "large-detail")
def a_thumbnail_as_the_detail() -> None:
    """The detail shows the thumbnail."""
    rewording.template("detail.html", "image(item, item.src", "image(item, item.thumbnailSrc")


@mutant("SUR-3", "inline-preview")
def one_grey_background_for_all() -> None:
    """The blurred background is the same dot behind every picture."""
    dot = "data:image/gif;base64,R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
    rewording.template("detail.html", 'src="{{ item.blurDataURL }}"', f'src="{dot}"')


@mutant("SUR-3", "full-not-loaded")
def the_blur_is_made_of_the_full_image() -> None:
    """The background is the large picture, blurred by a style."""
    rewording.template("detail.html", 'src="{{ item.blurDataURL }}"', 'src="{{ item.src }}"')


@mutant("SUR-4", "lead-eager")
def lazy_hero() -> None:
    """The most important image is lazy like all others."""
    rewording.template("parts.html", _LEAD, ' loading="lazy" data-media-role="lead"')


@mutant("SUR-4", "lead-eager")
def the_lead_is_below_the_fold() -> None:
    """The last image of the gallery is said to be the most important one."""
    rewording.template("gallery.html", "lead=loop.first", "lead=loop.last")


@mutant("SUR-4", "rest-lazy")
def all_eager() -> None:
    """Every image is eager."""
    rewording.template("parts.html", '{% else %} loading="lazy"{% endif %}>', '{% else %} loading="eager"{% endif %}>')


@mutant("SUR-4", "far-unrequested")
def everything_is_preloaded() -> None:
    """Images are lazy, and asked for at once all the same."""
    rewording.template(
        "gallery.html", "{{ link_name(item", '<link rel="preload" as="image" href="{{ item.thumbnailSrc }}">{{ link_name(item'
    )


@mutant("SUR-4", "scrolled-requested")
def what_lies_far_below_never_comes() -> None:
    """Images behind the twentieth wait for a script that is not there."""
    rewording.template(
        "gallery.html",
        "{{ thumbnail(item, lead=loop.first) }}",
        '{% if loop.index > 20 %}<img data-src="{{ item.thumbnailSrc }}" alt="{{ item.altText or "" }}" loading="lazy"'
        ' width="{{ item.width }}" height="{{ item.height }}">{% else %}{{ thumbnail(item, lead=loop.first) }}{% endif %}',
    )


@mutant("SUR-5", "shows")
def hidden_images() -> None:
    """Images of the table are there and cannot be seen."""
    rewording.template("table.html", '<td role="cell" class="cell-picture">', '<td role="cell" class="cell-picture" hidden>')


@mutant("SUR-5", "decodes-whole")
def truncated_images_served() -> None:
    """Browsers are sent three quarters of each picture."""
    rewording.shown_pictures(lambda data: data[: len(data) * 3 // 4])


@mutant("SUR-5", "dimensions")
def other_dimensions_served() -> None:
    """Browsers are sent pictures of another shape."""
    rewording.shown_pictures(_squared)


@mutant("SUR-5", "alt-text")
def no_alternative_text() -> None:
    """No image has an alternative text, nor says that it has none."""
    rewording.template("parts.html", ' alt="{{ (item.altText or "") if alt is none else alt }}"', "")


@mutant("SUR-5", "alt-text")
def file_names_for_alternative_texts() -> None:
    """The alternative text is the name of the file."""
    rewording.template("parts.html", '(item.altText or "") if alt is none else alt', "item.originalFileName")


@mutant("SUR-6", "no-credential")
def a_connection_string_in_the_page() -> None:
    """Each page tells scripts where and how the storage is opened."""
    rewording.template("base.html", "</head>", f'<meta name="storage" content="{_ACCOUNT}"></head>')


@mutant("SUR-6", "no-credential")
def a_key_kept_in_the_browser() -> None:
    """A script keeps a key of the storage in the browser."""
    stored = f'localStorage.setItem("store", "AK" + "{_KEY[2:]}");'
    rewording.script("carousel.js", ("function turn(by) {", stored + "\nfunction turn(by) {"))


@mutant("SUR-6", "no-provider-request")
def a_provider_host_in_a_src() -> None:
    """One image of the table comes straight from a bucket."""
    rewording.template(
        "table.html", "{{ thumbnail(item) }}", f'{{{{ thumbnail(item) }}}}<img src="{_ELSEWHERE}/media/logo.png" alt="">'
    )


@mutant("SUR-7", "on-load")
def no_width_and_height() -> None:
    """No image says how large it will be."""
    rewording.template("parts.html", "{%- if item.width and item.height %} " + _SIZE, "")


@mutant("SUR-7", "on-scroll")
def pictures_come_when_they_are_reached() -> None:
    """A script loads each picture of the gallery once it can be seen, and nothing says how large it will be."""
    waiting = '<img data-src="{{ item.thumbnailSrc }}" alt="{{ item.altText or "" }}" loading="lazy">'
    loaded = "{% if loop.index < 8 %}{{ thumbnail(item, lead=loop.first) }}{% else %}" + waiting + "{% endif %}"
    rewording.template("gallery.html", "{{ thumbnail(item, lead=loop.first) }}", loaded)
    rewording.template("base.html", "</head>", '<script type="module" src="/pages/static/carousel.js"></script></head>')
    rewording.script("carousel.js", ("const carousel =", f"{_WHEN_SEEN}\nconst carousel ="))


@mutant("SUR-8", "canonical-hash")
def other_large_bytes_in_browsers() -> None:
    """Browsers are sent large pictures that were written anew."""
    rewording.shown_pictures(lambda data: _commented(data) if max(_size(data)) > 480 else data)


@mutant("SUR-8", "thumbnail-hash")
def other_small_bytes_in_browsers() -> None:
    """Browsers are sent thumbnails that were written anew."""
    rewording.shown_pictures(lambda data: _commented(data) if max(_size(data)) <= 480 else data)


@mutant("DEP-4", "page-credential")
def a_key_in_every_page() -> None:
    """Each page has a key of the storage in it."""
    rewording.template("base.html", "</head>", f'<meta name="storage" content="{_KEY}"></head>')


@mutant("DEP-4", "page-signature")
def a_script_that_signs() -> None:
    """A script signs requests to the store itself."""
    rewording.script("api.js", ("export class Api {", 'const scheme = "AWS4-HMAC-SHA256";\nexport class Api {'))


def _large(name: str, shown: str) -> None:
    item, _, more = shown.partition(", ")
    said = f"{{{{ thumbnail({shown}) }}}}"
    rewording.template(name, said, f"{{{{ thumbnail(dict({item}, thumbnailSrc={item}.src){more and ', '}{more}) }}}}")


def _large_card(surface: str) -> None:
    wrong = f'dict(card.image, thumbnailSrc=card.image.src if surface == "{surface}" else card.image.thumbnailSrc)'
    rewording.template("parts.html", _CARD, _CARD.replace("card.image", wrong))


def _size(data: bytes) -> tuple[int, int]:
    import pyvips

    picture = pyvips.Image.new_from_buffer(data, "")
    return picture.width, picture.height


def _squared(data: bytes) -> bytes:
    import pyvips

    picture = pyvips.Image.new_from_buffer(data, "")
    made: bytes = picture.thumbnail_image(300, height=300, size="force").jpegsave_buffer()
    return made


def _commented(data: bytes) -> bytes:
    # A comment segment behind the start of a JPEG (ITU-T T.81, B.2.4.5): the same picture in other bytes.
    return data[:2] + b"\xff\xfe\x00\x08rewrit" + data[2:]
