from __future__ import annotations

from reference_impl.newcomers import Newcomers


def test_a_sync_does_not_know_of_uploads_that_were_not_answered_when_it_came() -> None:
    newcomers = Newcomers()
    newcomers.arrive("answered")
    newcomers.answer("answered")
    newcomers.arrive("pending")
    with newcomers.unknown_to_sync() as unknown:
        newcomers.answer("pending")
        newcomers.arrive("during")
        newcomers.answer("during")
        assert set(unknown) == {"pending", "during"}
    with newcomers.unknown_to_sync() as unknown:
        assert set(unknown) == set()


def test_syncs_that_overlap_each_learn_of_their_own() -> None:
    newcomers = Newcomers()
    with newcomers.unknown_to_sync() as longer:
        with newcomers.unknown_to_sync() as shorter:
            pass
        newcomers.arrive("late")
        assert (set(longer), set(shorter)) == ({"late"}, set())
