"""Broken rehearsals: edges whose caches spoil what they keep or hide that they keep it, and headers that tell too much."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap
from tests.mutants.rehearsing import in_cache, reword

_VALID = "proxy_cache_valid 200 1d;"
_NOTHING_KEPT = "proxy_cache_bypass 1; proxy_no_cache 1;"
_SIGNATURE = "0f1e2d3c" * 8


@mutant("DEP-3", "cached", around=True)
def the_edge_keeps_nothing_and_counts_ages() -> None:
    """Every picture is fetched from the bucket each time and has an Age of 0, as caches say that pass everything through."""
    reword(_VALID, f"{_NOTHING_KEPT} add_header Age 0;")
    _say_nothing_of_pictures()


@mutant("DEP-3", "cached", around=True)
def the_edge_passes_on_an_age_from_behind_it() -> None:
    """Every picture is fetched each time, from something that has kept it for a while."""
    reword(_VALID, f"{_NOTHING_KEPT} add_header Age 7;")
    reword("add_header Cache-Status $cache_status;\n", "")


@mutant("DEP-3", "brief-404", around=True)
def a_404_is_kept_for_a_day_in_silence() -> None:
    """What is not there may be kept for a day, and is; only of pictures is said where they come from."""
    from lanes.stack.rehearsal import edge

    vars(edge)["NOT_FOUND_SECONDS"] = 86400
    reword(
        "add_header Cache-Status $cache_status always;\n            add_header X-Cache $x_cache always;",
        "proxy_hide_header Cache-Control; add_header Cache-Control max-age=86400 always;",
    )


@mutant("DEP-3", "bytes", around=True)
def a_part_is_kept_for_the_whole() -> None:
    """Range goes to the bucket and is no part of the key: what one has asked a part of is that part to everybody."""
    reword(_VALID, "proxy_set_header Range $http_range; proxy_cache_valid 200 206 1d;")


@mutant("DEP-3", "bytes", around=True)
def what_one_takes_packed_all_get_packed() -> None:
    """Pictures are packed for whoever takes that, before they are kept under their path alone."""

    def configuration(original: Any, folder: Any, *arguments: Any) -> str:
        text = str(original(folder, *arguments))
        packing = f"""
    server {{
        listen unix:{folder}/packing.sock;
        access_log off;
        gzip on;
        gzip_types *;
        gzip_min_length 1;
        gzip_proxied any;
        gzip_http_version 1.0;
        location / {{ proxy_pass http://signer$path; proxy_pass_request_headers off; proxy_buffering on; }}
    }}
"""
        kept = f"http://unix:{folder}/packing.sock:$path; proxy_set_header Accept-Encoding $http_accept_encoding"
        before, cache, after = text.partition("    # The cache, by itself")
        return before + packing + cache + after.replace("http://signer$path", f"{kept}; proxy_ignore_headers Vary", 1)

    from lanes.stack.rehearsal import edge

    wrap(edge, "configuration", configuration)


@mutant("DEP-4", "response-signature", judged_by="DEP-2", around=True)
def the_edge_tells_how_it_has_signed() -> None:
    """A header for debugging holds the Authorization that the edge has sent to the bucket."""
    signed = f"Credential=k3y0fTheEdge/20261127/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={_SIGNATURE}"
    in_cache(f"add_header X-Origin-Authorization 'AWS4-HMAC-SHA256 {signed}';")


@mutant("DEP-4", "response-signature", judged_by="DEP-2", around=True)
def the_edge_tells_the_path_that_it_has_signed() -> None:
    """A header for debugging holds the path and query of the signed request, without its host."""
    in_cache(f"add_header X-Origin-Request '/media/a/b.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature={_SIGNATURE}';")


@mutant("DEP-2", "no-bucket-host", around=True)
def the_edge_tells_the_name_of_the_bucket() -> None:
    """A header of each picture names the bucket that it comes from."""
    from lanes.stack.rehearsal import buckets

    def make(original: Any, *arguments: Any) -> Any:
        made = original(*arguments)
        in_cache(f"add_header X-Origin-Bucket {made.name};")
        return made

    wrap(buckets, "make", make)


def _say_nothing_of_pictures() -> None:
    """Of what is kept nothing tells where it comes from; of what is missing the edge tells as before."""
    reword("add_header Cache-Status $cache_status;\n            add_header X-Cache $x_cache;\n", "")
