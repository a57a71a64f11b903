"""static/js/reading in Node gives the server's answers on the server's pixels: samples, and photos for every pass."""

from __future__ import annotations

from bench.parity.__main__ import compared
from bench.parity.made import made_photos
from tests.helpers.node import node_or_skip

# Of the faces; among so few, one that ties is 2 %.
MOST_NEAR_TIES = 3
LEAST_SAME_INPUTS = 0.97


def test_the_pages_read_as_the_server_does() -> None:
    node_or_skip()
    tally, _ = compared([*made_photos()])
    assert tally.photos >= 40
    assert len(tally.pairs) >= 50
    assert tally.other_faces == []
    assert tally.other_passes == []
    assert tally.different == []
    assert len(tally.near_ties) <= MOST_NEAR_TIES, tally.near_ties
    assert tally.same_inputs >= LEAST_SAME_INPUTS
    assert [pair for pair in tally.pairs if not (pair.same_label and pair.same_words)] == []
