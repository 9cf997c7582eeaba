from __future__ import annotations

from lanes.corpus import Corpus
from lanes.mutations import hostile


def test_hostile_files_are_many_different_ones_and_the_same_for_the_same_seed() -> None:
    corpus = Corpus()
    bases = [corpus.upload(row) for row in corpus.of("taken")]
    made = list(hostile(bases, 90, 1))
    assert made == list(hostile(bases, 90, 1))
    assert made != list(hostile(bases, 90, 2))
    assert len({upload.data for upload in made}) > 80
    assert not {upload.data for upload in made} & {base.data for base in bases}
    assert {upload.declared for upload in made} == {"image/jpeg", "image/png", "image/webp"}
