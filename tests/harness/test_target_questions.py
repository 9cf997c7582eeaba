"""What somebody is asked who begins a target file, and which answers are asked for again."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from lanes.errors import Refused
from lanes.target_file import Sketch
from lanes.target_questions import Wrong, sketched

NOTHING = dict.fromkeys(("name", "command", "base_url", "environment", "claims", "offers"))


class Somebody:
    """Who answers one question after another, another time where an answer is wrong, and keeps what was said against it."""

    def __init__(self, answers: Iterable[str | None]) -> None:
        self.answers = iter(answers)
        self.questions: list[str] = []
        self.objections: list[str] = []

    def __call__(self, question: str, proposal: str | None, wrong: Wrong) -> str:
        self.questions.append(question)
        while True:
            answer = next(self.answers)
            found = proposal or "" if answer is None else answer
            if (why := wrong(found)) is None:
                return found
            self.objections.append(why)


def test_of_a_target_that_is_launched_four_things_are_asked() -> None:
    somebody = Somebody(["ours", "node server.mjs", None, "operator, records"])
    assert sketched(NOTHING, somebody) == Sketch("ours", ("core",), ("operator", "records"), command="node server.mjs")
    assert len(somebody.questions) == 4


def test_of_a_target_that_is_there_the_environment_is_asked_too() -> None:
    somebody = Somebody(["ours", "https://acme.example", "dev", "core,deployed", None])
    assert sketched(NOTHING, somebody) == Sketch(
        "ours", ("core", "deployed"), (), base_url="https://acme.example", environment="dev"
    )
    assert len(somebody.questions) == 5


def test_what_options_say_is_not_asked() -> None:
    somebody = Somebody([])
    given = NOTHING | {
        "name": "ours",
        "base_url": "http://127.0.0.1:8080",
        "environment": "test",
        "claims": "core",
        "offers": "",
    }
    assert sketched(given, somebody) == Sketch("ours", ("core",), (), base_url="http://127.0.0.1:8080")
    assert somebody.questions == []


@pytest.mark.parametrize(
    ("answers", "objection"),
    [
        (["a/b", "ours", "x", None, None], "'a/b' does not match"),
        (["ours", "", "x", None, None], "a word at least"),
        (["ours", "a 'b", "x", None, None], "No closing quotation"),
        (["ours", "http://127.0.0.1:99999", "x", None, None], "Port out of range"),
        (["ours", "http://127.0.0.1/path", "x", None, None], "does not match"),
        (["ours", "http://a.example", "development", "test", None, None], "no lane judges 'development'; allowed: test, dev"),
        (["ours", "x", "cor", None, None], "did you mean 'core'"),
        (["ours", "x", ",", None, None], "should be non-empty"),
        (["ours", "x", None, "operators", None], "did you mean 'operator'"),
    ],
)
def test_an_answer_that_makes_no_target_is_asked_for_again(answers: list[str | None], objection: str) -> None:
    somebody = Somebody(answers)
    assert sketched(NOTHING, somebody).name == "ours"
    (told,) = somebody.objections
    assert objection in told


def test_where_nobody_is_there_what_is_usual_is_taken_and_the_rest_is_refused() -> None:
    assert sketched(NOTHING | {"name": "ours", "command": "x"}, None) == Sketch("ours", ("core",), (), command="x")
    with pytest.raises(Refused, match="--name is missing, and nobody is there to be asked"):
        sketched(NOTHING, None)
