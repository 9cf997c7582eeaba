"""A client that takes care, against a small target that keeps artists."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from lanes.budget import OverBudget, Spending
from lanes.care import Care, NotOurs, WritesNothing, artist_in, is_creation, is_upload
from lanes.cleanup import NotListed, clean_up, delete_all, find_marked
from lanes.client import Client, Upload
from lanes.contract import contract
from lanes.creations import Creations, mark_in, read_ledger
from lanes.patience import Patience
from lanes.profile import Budget
from tests.harness.artists import Artists
from tests.harness.servers import serving

RUN = "20261127T060000Z-0a1b2c"


@pytest.fixture
def artists() -> Artists:
    return Artists({f"theirs{number}": (f"Somebody {number}", None) for number in range(5)})


@pytest.fixture
def creations(tmp_path: Path) -> Iterator[Creations]:
    made = Creations(tmp_path / f"ledger-{RUN}.ndjson", RUN)
    made.open("acme.toml", "https://acme.example", rehearsal=False)
    yield made
    made.close()


@pytest.fixture
def base_url(artists: Artists) -> Iterator[str]:
    with serving(artists.reply) as served:
        yield served.base_url


def client_of(base_url: str, care: Care) -> Client:
    return Client(base_url, {"write": "wr1te-credential"}, contract(), patience=Patience(), care=care)


def test_what_is_created_is_marked_and_noted(base_url: str, artists: Artists, creations: Creations) -> None:
    with closing(client_of(base_url, Care(creations=creations))) as client:
        answer = client.call("createArtist", json={"name": "Zoë", "bio": None})
        name, _ = artists.names["a5"]
        assert mark_in(name) is not None
        assert answer.request.json["name"] == name  # steps see what was sent
        assert read_ledger(creations.path).artists == ("a5",)
        client.call("deleteArtist", "a5")
        assert not read_ledger(creations.path)


def test_cleaning_up_deletes_what_was_created_and_nothing_else(base_url: str, artists: Artists, creations: Creations) -> None:
    theirs = dict(artists.names)
    with closing(client_of(base_url, Care(creations=creations))) as client:
        for name in ("Zoë", "x" * 200, "Somebody 1"):
            client.call("createArtist", json={"name": name})
        assert clean_up(creations, client, 0.2) == ()
    assert artists.names == theirs
    assert not read_ledger(creations.path)


def test_an_artist_whose_id_was_never_told_is_found_by_its_mark(base_url: str, artists: Artists, creations: Creations) -> None:
    theirs = dict(artists.names)
    artists.forgetful = True
    with closing(client_of(base_url, Care(creations=creations))) as client:
        # A breakdown says nothing of whether it was created.
        for name in ("Zoë", "x" * 200):
            client.call("createArtist", json={"name": name})
        assert len(artists.names) == len(theirs) + 2
        assert clean_up(creations, client, 0.2) == ()
    assert artists.names == theirs


def test_what_was_never_answered_is_waited_for_as_long_as_it_may_be_under_way(
    base_url: str, artists: Artists, creations: Creations
) -> None:
    theirs = dict(artists.names)
    with closing(client_of(base_url, Care(creations=creations))) as client:
        details, _ = creations.about_to_create({"name": "Zoë"})
        threading.Timer(0.4, artists.names.update, [{"late": (details["name"], None)}]).start()
        assert clean_up(creations, client, 0.8) == ()
    assert artists.names == theirs
    assert not read_ledger(creations.path)


def test_what_could_carry_no_mark_and_was_never_answered_is_listed(base_url: str, creations: Creations) -> None:
    with closing(client_of(base_url, Care(creations=creations))) as client:
        for _ in range(2):
            _, mark = creations.about_to_create({"name": ""})
        creations.refused(mark)
        assert clean_up(creations, client, 0) == ("an artist without a mark, if creation 1 made one: it was not answered",)


def test_somebody_elses_artist_is_neither_written_to_nor_deleted_whatever_the_target_says(
    base_url: str, artists: Artists, creations: Creations
) -> None:
    theirs = dict(artists.names)
    artists.upsert = "theirs1"
    with closing(client_of(base_url, Care(creations=creations))) as client:
        for details in ({"name": "Zoë"}, {"name": ""}):
            assert client.call("createArtist", json=details).status == 201
        for operation in ("deleteArtist", "editArtist", "syncArtistMedia", "uploadArtistMedia"):
            with pytest.raises(NotOurs, match="may be somebody else's"):
                client.call(operation, "theirs1", json={"name": "Zoë"})
        with pytest.raises(NotOurs), client.by_hand(client.request("uploadArtistMedia", "theirs1")):
            pass
        assert client.call("readArtist", "theirs1").status == 200
        left = clean_up(creations, client, 0)
    assert artists.names == theirs
    assert left == ("an artist without a mark, if creation 2 made one: it was not answered",)


def test_what_was_said_to_be_deleted_and_is_there_still_is_deleted_in_the_end(
    base_url: str, artists: Artists, creations: Creations
) -> None:
    theirs = dict(artists.names)
    with closing(client_of(base_url, Care(creations=creations))) as client:
        client.call("createArtist", json={"name": "Zoë"})
        artists.kept = {"a5"}
        assert client.call("deleteArtist", "a5").status == 204
        assert "a5" in artists.names
        assert clean_up(creations, client, 0) == ()
    assert artists.names == theirs


def test_a_target_that_answers_with_the_runs_own_artist_does_not_keep_it_from_being_deleted(
    base_url: str, artists: Artists, creations: Creations
) -> None:
    theirs = dict(artists.names)
    with closing(client_of(base_url, Care(creations=creations))) as client:
        client.call("createArtist", json={"name": "Zoë"})
        artists.upsert = "a5"
        client.call("createArtist", json={"name": "Ann"})
        assert clean_up(creations, client, 0) == ()
    assert artists.names == theirs


def test_an_id_alone_proves_nothing(base_url: str, artists: Artists, creations: Creations) -> None:
    with closing(client_of(base_url, Care(creations=creations))) as client:
        _, mark = creations.about_to_create({"name": "Zoë"})
        creations.answered(mark, "theirs1")  # as an old ledger may say of an ID that is somebody else's by now
        (left,) = clean_up(creations, client, 0)
    assert left == "artist theirs1: it does not carry the mark of what the run created, so it may be somebody else's"
    assert "theirs1" in artists.names


def test_what_cannot_be_deleted_is_listed_by_id(base_url: str, artists: Artists, creations: Creations) -> None:
    with closing(client_of(base_url, Care(creations=creations))) as client:
        for name in ("Zoë", "Ann"):
            client.call("createArtist", json={"name": name})
        artists.stubborn = {"a5"}
        (left,) = clean_up(creations, client, 0.2)
    assert left == "artist a5: DELETE /artists/a5 answered 500"
    assert read_ledger(creations.path).artists == ("a5",)


def test_a_target_that_is_gone_is_asked_once_for_each_until_patience_ends(creations: Creations) -> None:
    with serving() as served, closing(client_of(served.base_url, Care(creations=creations))) as client:
        pass
    with closing(Client(served.base_url, {"write": "w"}, contract(), patience=Patience(for_silence=0.001))) as client:
        assert delete_all(client, {"a": RUN, "b": RUN, "c": RUN}).keys() == {"a", "b", "c"}
        with pytest.raises(NotListed, match="its artists cannot be listed"):
            list(find_marked(client, lambda _: True))


def test_a_list_that_leads_round_in_circles_is_given_up(base_url: str, artists: Artists) -> None:
    artists.page = 0
    with closing(client_of(base_url, Care())) as client, pytest.raises(NotListed, match="round in circles"):
        list(find_marked(client, lambda _: True))


def test_a_run_that_reads_only_writes_nothing(base_url: str, artists: Artists) -> None:
    theirs = dict(artists.names)
    with closing(client_of(base_url, Care(read_only=True))) as client:
        assert client.call("listArtists").status == 200
        for operation, path in (("createArtist", ()), ("deleteArtist", ("theirs1",)), ("syncArtistMedia", ("theirs1",))):
            with pytest.raises(WritesNothing, match="would be a write"):
                client.call(operation, *path, json={"name": "Zoë"})
        with pytest.raises(WritesNothing), client.by_hand(client.request("createArtist")):
            pass
    assert artists.names == theirs


def test_nothing_goes_out_that_the_budget_does_not_allow(artists: Artists) -> None:
    with serving(artists.reply) as served:
        care = Care(Spending(Budget(uploads=1, megabytes=1, requests_per_minute=1000)))
        with closing(client_of(served.base_url, care)) as client:
            picture = Upload(b"x" * 1000, "image/png", "x.png")
            client.call("uploadArtistMedia", "theirs1", form={"purpose": "gallery"}, files=(picture,))
            with pytest.raises(OverBudget, match="may upload 1 times"):
                client.call("uploadArtistMedia", "theirs1", form={"purpose": "gallery"}, files=(picture,))
            with pytest.raises(OverBudget, match="bytes more"):
                client.call("createArtist", json={"name": "x" * 1_000_000})
            with pytest.raises(OverBudget), client.by_hand(client.request("createArtist"), body=b"x" * 1_000_000) as sending:
                sending.finish()
        sent = [asked for asked in served.asked if asked.method == "POST"]
        assert sum(len(asked.body) for asked in sent) <= 1_000_000
        assert [asked.path for asked in sent if asked.path.endswith("/media")] == ["/artists/theirs1/media"]
        assert care.spending
        assert care.spending.sent >= len(sent[0].body) > 1000


@pytest.mark.parametrize(
    ("url", "artist"),
    [
        ("https://acme.example/artists/a1", "a1"),
        ("https://acme.example/artists/a%2F1?x=y", "a/1"),
        ("https://acme.example/artists", None),
        ("https://acme.example/artists/a1/media", None),
        ("https://acme.example/media/a/b", None),
    ],
)
def test_a_url_tells_whose_it_is(url: str, artist: str | None) -> None:
    assert artist_in(url) == artist
    assert not is_creation("GET", url)
    assert is_creation("POST", url) == url.endswith("/artists")
    assert is_upload("POST", url) == url.endswith("/media")
