"""Mutants of errors: what they are called, and what they give away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap

_QUERY = "SELECT * FROM artists WHERE id = ?"
Document = dict[str, Any]


@mutant("CON-3", "problem-document")
def method_errors_are_plain_json() -> None:
    """A 405 is application/json."""

    def change(answer: Any, document: Document, _: Any) -> None:
        if document["status"] == 405:
            answer.headers["content-type"] = "application/json"

    _problem(change)


@mutant("CON-3", "problem-document")
def the_status_in_the_document_is_text() -> None:
    """A document of a 422 has its status as text."""
    _document(lambda document: document | {"status": str(document["status"])} if document["status"] == 422 else document)


@mutant("CON-3", "problem-document")
def problems_of_the_store_have_no_title() -> None:
    """A 503 has no title."""
    _document(lambda document: {k: v for k, v in document.items() if k != "title" or document["status"] != 503})


@mutant("CON-3", "code")
def unknown_items_are_not_found() -> None:
    """An unknown item has the code of an unknown path."""
    _document(lambda document: document | {"code": document["code"].replace("media_unknown", "not_found")})


@mutant("CON-3", "code")
def two_files_are_one_missing() -> None:
    """Two files have the code of none."""
    _document(lambda document: document | {"code": document["code"].replace("file_multiple", "file_missing")})


@mutant("CON-3", "no-stack-trace")
def broken_json_names_its_exception() -> None:
    """The detail of broken JSON begins with the name of the exception."""
    _detail("request_malformed", lambda detail: f"JSONDecodeError: {detail}")


@mutant("CON-3", "no-stack-trace")
def failed_finalisation_shows_its_trace() -> None:
    """The detail of a failed finalisation ends with where it happened."""
    _detail("finalisation_failed", lambda detail: f'{detail} File "workflow.py", line 128, in finalise')


@mutant("CON-3", "no-path")
def damaged_pictures_name_their_file() -> None:
    """The detail of a damaged picture names the temporary file that it was in."""
    _detail("image_undecodable", lambda detail: f"{detail} (/tmp/upload-7f3a/picture)")


@mutant("CON-3", "no-sql")
def unknown_artists_show_their_query() -> None:
    """The detail of an unknown artist has the query that did not find it."""
    _detail("artist_unknown", lambda detail: f"{detail} [{_QUERY}]")


@mutant("CON-3", "no-bucket")
def unavailable_storage_names_its_bucket() -> None:
    """The detail of a storage failure names the bucket."""
    _detail("storage_unavailable", lambda _: "The bucket 'media' did not answer.")


@mutant("CON-3", "no-bucket")
def ranges_name_the_object() -> None:
    """The detail of a range beyond the end names the store's host."""
    _detail("range_unsatisfiable", lambda detail: f"{detail} See media.s3.eu-west-1.amazonaws.com.")


@mutant("CON-3", "no-credential")
def unknown_credentials_are_repeated() -> None:
    """A refused credential is repeated in the challenge."""
    from reference_impl import credentials
    from reference_impl.errors import Refused

    def judge(original: Any, authorization: str | None, *rest: Any) -> None:
        try:
            original(authorization, *rest)
        except Refused as refusal:
            if refusal.code == "credential_unknown":
                challenge = {"www-authenticate": f'Bearer error="invalid_token", error_description="{authorization}"'}
                raise Refused(refusal.code, refusal.detail, challenge) from None
            raise

    wrap(credentials, "judge", judge)


@mutant("CON-3", "no-credential")
def wrong_roles_are_told_the_right_one() -> None:
    """Whoever has the wrong role is told the credential that would do."""
    from reference_impl import credentials
    from reference_impl.errors import Refused

    def judge(original: Any, authorization: str | None, role: str, runtime: Any) -> None:
        try:
            original(authorization, role, runtime)
        except Refused as refusal:
            if refusal.code == "credential_wrong_role":
                raise Refused(refusal.code, f"{refusal.detail} It is {runtime.write_credential}.") from None
            raise

    wrap(credentials, "judge", judge)


def _problem(change: Callable[[Any, Document, Any], None]) -> None:
    """Every problem document goes through `change` together with its answer."""
    import json

    from reference_impl.problems import Problem

    def make(original: Any, self: Any, *arguments: Any) -> None:
        original(self, *arguments)
        change(self, json.loads(self.body), None)

    wrap(Problem, "__init__", make)


def _document(change: Callable[[Document], Document]) -> None:
    def replace(answer: Any, document: Document, _: Any) -> None:
        answer.body = answer.render(change(document))
        answer.headers["content-length"] = str(len(answer.body))

    _problem(replace)


def _detail(code: str, change: Callable[[str], str]) -> None:
    _document(lambda document: document | {"detail": change(document["detail"])} if document["code"] == code else document)
