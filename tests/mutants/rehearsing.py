"""Broken rehearsals: what may be wrong around a target that is right, and what is wrong only where it is deployed."""

from __future__ import annotations

import json
from typing import Any

from tests.mutants.mutant import mutant, wrap

_SIGNED = f"https://media.s3.eu-central-1.amazonaws.com/media/a/b.jpg?X-Amz-Signature={'0f1e2d3c' * 8}"


@mutant("DEP-1", "get", around=True)
def public_read_policy() -> None:
    """A policy lets anybody read the objects of the bucket."""
    _open_bucket("s3:GetObject", "/*")


@mutant("DEP-1", "list", around=True)
def the_bucket_tells_strangers_what_it_holds() -> None:
    """A policy lets anybody list the bucket."""
    _open_bucket("s3:ListBucket", "")


@mutant("DEP-1", "put", around=True)
def public_bucket() -> None:
    """Anybody may do anything with the bucket, no name needed."""
    _admit_strangers("s3:*")


@mutant("DEP-1", "delete", around=True)
def strangers_delete() -> None:
    """Anybody may delete from the bucket, no name needed."""
    _admit_strangers("s3:DeleteObject")


@mutant("DEP-9", "policy", around=True)
def a_public_corner_of_the_bucket() -> None:
    """A policy lets anybody read what lies under another prefix."""
    _open_bucket("s3:GetObject", "/press/*")


@mutant("DEP-2", "https", around=True)
def no_tls() -> None:
    """The edge serves plain HTTP, and render URLs say so."""
    from lanes.stack.rehearsal import edge

    vars(edge)["SCHEME"] = "http"
    reword(" ssl;", ";")


@mutant("DEP-2", "https", around=True)
def render_urls_are_plain() -> None:
    """The edge has TLS, and render URLs do without."""
    _public_base(lambda url: url.replace("https:", "http:"))


@mutant("DEP-2", "own-host", around=True)
def render_urls_are_at_another_host() -> None:
    """Render URLs name the machine by its address, and not by the name that it is known by."""
    _public_base(lambda url: url.replace("localhost", "127.0.0.1"))


@mutant("DEP-2", "media-path", seen_in="D")
def deployed_render_urls_go_through_a_folder() -> None:
    """Render URLs have a folder before /media/."""
    from reference_impl import views

    def elsewhere(original: Any, *arguments: Any) -> str | None:
        url = original(*arguments)
        return url and str(url).replace("/media/", "/cdn/media/", 1)

    wrap(views, "render_url", elsewhere)


@mutant("DEP-2", "no-bucket-host", around=True)
def the_edge_redirects_to_the_bucket() -> None:
    """A picture that the edge does not keep yet is answered by a redirect to the bucket."""
    reword("proxy_pass http://kept$path;", "return 302 https://media.s3.eu-central-1.amazonaws.com$path;")


@mutant("DEP-2", "no-bucket-host", seen_in="D")
def errors_name_the_bucket() -> None:
    """What is refused is refused with the name of the bucket in its detail."""
    import os

    from reference_impl import errors

    def naming(original: Any, self: Any, code: str, detail: str, *rest: Any) -> None:
        original(self, code, f"{detail} ({os.environ['MEDIA_LOCATION']})", *rest)

    wrap(errors.Refused, "__init__", naming)


@mutant("DEP-3", "validators", around=True)
def the_edge_strips_the_etag() -> None:
    """Pictures come without their ETag."""
    in_cache("proxy_hide_header ETag; etag off;")


@mutant("DEP-3", "validators", around=True)
def the_edge_dates_pictures_itself() -> None:
    """Last-Modified is when the edge was set up."""
    in_cache("proxy_hide_header Last-Modified; add_header Last-Modified 'Thu, 01 Jan 2026 00:00:00 GMT';")


@mutant("DEP-3", "type", around=True)
def the_edge_forgets_the_type() -> None:
    """Whatever has a name that ends with jpg is called by an old name of its type."""
    in_cache("proxy_hide_header Content-Type; add_header Content-Type image/pjpeg;")


@mutant("DEP-3", "bytes", around=True)
def the_edge_says_that_it_packs() -> None:
    """Whoever takes gzip is told that this is gzip, and gets the picture as it is."""
    in_cache("set $packed ''; if ($http_accept_encoding ~ gzip) { set $packed gzip; } add_header Content-Encoding $packed;")


@mutant("DEP-3", "cached", around=True)
def the_edge_keeps_nothing() -> None:
    """Every picture is fetched from the bucket each time."""
    reword("proxy_cache_valid 200 1d;", "proxy_cache_bypass 1; proxy_no_cache 1;")


@mutant("DEP-3", "brief-404", around=True)
def a_404_is_kept_for_a_day() -> None:
    """What is not there is remembered for a day."""
    from lanes.stack.rehearsal import edge

    vars(edge)["NOT_FOUND_SECONDS"] = 86400


@mutant("DEP-4", "response-credential", judged_by="DEP-2", around=True)
def the_edge_tells_its_key() -> None:
    """A header for debugging names the key that the edge signs with."""
    in_cache("add_header X-Signed-By AKIAIOSFODNN7EXAMPLE;")


@mutant("DEP-4", "response-signature", judged_by="DEP-2", around=True)
def the_edge_tells_what_it_has_signed() -> None:
    """A header for debugging holds the signed request that the edge has sent to the bucket."""
    in_cache(f"add_header X-Origin-Request '{_SIGNED}';")


@mutant("DEP-8", "plain-404", seen_in="D")
def state_hooks_left_on() -> None:
    """The operations of states.yaml are served wherever the target runs."""
    _serve_hooks()


@mutant("DEP-8", "operator-404", seen_in="D")
def state_hooks_left_on_for_operators() -> None:
    """The operations of states.yaml are served wherever the target runs, and hidden from all but operators."""
    from reference_impl import errors
    from reference_impl.routes import states

    _serve_hooks()

    def authorise(original: Any, self: Any, *arguments: Any) -> None:
        try:
            original(self, *arguments)
        except errors.Refused:
            raise errors.Refused("not_found", "There is nothing here.") from None

    for endpoint in vars(states).values():
        if isinstance(endpoint, type) and hasattr(endpoint, "authorise") and endpoint.__module__ == states.__name__:
            wrap(endpoint, "authorise", authorise)


@mutant("OPS-1", "write-403", seen_in="D")
def deployed_writers_read_for_operators() -> None:
    """Where it is deployed, the write credential passes wherever that of operators does."""
    from reference_impl.routes import endpoint

    def authorise(original: Any, self: Any, request: Any, role: str) -> None:
        try:
            original(self, request, role)
        except Exception:
            if role != "operator":
                raise
            original(self, request, "write")

    wrap(endpoint.Endpoint, "authorise", authorise)


def _open_bucket(action: str, *resources: str) -> None:
    """The bucket has a policy that lets anybody do this; each of the resources is what comes after its name."""
    from lanes.stack.rehearsal import buckets

    def close(original: Any, s3: Any, bucket: str) -> None:
        del original
        where = [f"arn:aws:s3:::{bucket}{resource}" for resource in resources]
        statement = {"Effect": "Allow", "Principal": "*", "Action": action, "Resource": where}
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    wrap(buckets, "close", close)


def _admit_strangers(action: str) -> None:
    """SeaweedFS has an identity for those who give none, which may do this; policies of buckets let nobody write there."""
    from lanes.stack.rehearsal import buckets

    def make(original: Any, endpoint: str, administrator: Any) -> Any:
        made = original(endpoint, administrator)
        where = [f"arn:aws:s3:::{made.name}", f"arn:aws:s3:::{made.name}/*"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": action, "Resource": where}]}
        iam = buckets.client("iam", endpoint, administrator)
        iam.create_user(UserName="anonymous")
        iam.put_user_policy(UserName="anonymous", PolicyName="anonymous", PolicyDocument=json.dumps(document))
        return made

    wrap(buckets, "make", make)


def reword(old: str, new: str) -> None:
    """The edge's configuration has other words."""
    from lanes.stack.rehearsal import edge

    def configuration(original: Any, *arguments: Any) -> str:
        text = str(original(*arguments))
        if old not in text:
            raise LookupError(f"the edge's configuration has no {old!r}")
        return text.replace(old, new)

    wrap(edge, "configuration", configuration)


def in_cache(directives: str) -> None:
    """Whatever comes out of the cache of the edge comes under these directives too."""
    reword("proxy_cache_valid 200 1d;", f"proxy_cache_valid 200 1d; {directives}")


def _public_base(change: Any) -> None:
    """The target is told another public base URL."""
    from lanes.stack.rehearsal import rehearsal

    def settings(original: Any, *arguments: Any) -> dict[str, str]:
        told: dict[str, str] = original(*arguments)
        return {**told, "MEDIA_PUBLIC_BASE_URL": change(told["MEDIA_PUBLIC_BASE_URL"])}

    wrap(rehearsal, "deployed_settings", settings)


def _serve_hooks() -> None:
    from dataclasses import replace

    from reference_impl import app

    wrap(app, "routes", lambda original, runtime: original(replace(runtime, state_hooks=True)))


@mutant("DEP-1", "get", around=True)
def whoever_names_the_application_reads() -> None:
    """A policy lets anybody read who says that a page of the application sent them."""
    _open_bucket_if("s3:GetObject", "/*", {"StringLike": {"aws:Referer": "https://localhost*"}})


@mutant("DEP-1", "get", around=True)
def whoever_names_cloudfront_reads() -> None:
    """A policy lets anybody read who says to be CloudFront."""
    _open_bucket_if("s3:GetObject", "/*", {"StringEquals": {"aws:UserAgent": "Amazon CloudFront"}})


@mutant("DEP-1", "list", around=True)
def media_may_be_listed() -> None:
    """A policy lets anybody list what is under media/, and nothing else."""
    _open_bucket_if("s3:ListBucket", "", {"StringEquals": {"s3:prefix": "media/"}})


@mutant("DEP-1", "list", around=True)
def a_folder_may_be_listed() -> None:
    """A policy lets anybody list a folder of pictures whose name they know."""
    _open_bucket_if("s3:ListBucket", "", {"StringLike": {"s3:prefix": "media/?*"}})


@mutant("DEP-1", "list", around=True)
def versions_may_be_listed() -> None:
    """Anybody may list all versions of objects, no name needed."""
    _admit_strangers_to("s3:ListBucketVersions", "")


@mutant("DEP-1", "put", around=True)
def strangers_put_into_uploads() -> None:
    """Anybody may put objects under uploads/, no name needed."""
    _admit_strangers_to("s3:PutObject", "/uploads/*")


@mutant("DEP-1", "put", around=True)
def strangers_put_beside_pictures() -> None:
    """Anybody may put objects into folders of pictures by names of a kind that no picture has."""
    _admit_strangers_to("s3:PutObject", "/media/*/medialane-*")


@mutant("DEP-9", "policy", around=True)
def a_policy_for_whoever_comes_from_a_page() -> None:
    """A policy lets anybody read what lies under another prefix who names a page of the application, which anybody can."""
    _open_bucket_if("s3:GetObject", "/press/*", {"StringLike": {"aws:Referer": "https://press.example/*"}})


def _open_bucket_if(action: str, resource: str, condition: dict[str, Any]) -> None:
    """The bucket has a policy that lets anybody do this who meets a condition."""
    from lanes.stack.rehearsal import buckets

    def close(original: Any, s3: Any, bucket: str) -> None:
        del original
        statement = {
            "Effect": "Allow",
            "Principal": "*",
            "Action": action,
            "Resource": f"arn:aws:s3:::{bucket}{resource}",
            "Condition": condition,
        }
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))

    wrap(buckets, "close", close)


def _admit_strangers_to(action: str, resource: str) -> None:
    """SeaweedFS has an identity for those who give none, which may do this to some objects of the bucket."""
    from lanes.stack.rehearsal import buckets

    def make(original: Any, endpoint: str, administrator: Any) -> Any:
        made = original(endpoint, administrator)
        statement = {"Effect": "Allow", "Action": action, "Resource": [f"arn:aws:s3:::{made.name}{resource}"]}
        iam = buckets.client("iam", endpoint, administrator)
        iam.create_user(UserName="anonymous")
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_user_policy(UserName="anonymous", PolicyName="anonymous", PolicyDocument=document)
        return made

    wrap(buckets, "make", make)
