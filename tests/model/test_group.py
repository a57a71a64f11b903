"""Reading order, faces of the background, tiles, and what is said to be left out."""

from dataclasses import replace

import numpy as np
import pytest

from model.detection.tiling import tiles_of
from model.faces.group import reading_order, which_are_faint
from model.output.limits import sentences
from model.types import Face, Quality


def boxes(*places, side=40):
    return [(float(x), float(y), float(side), float(side)) for x, y in places]


def test_faces_are_numbered_by_rows_from_left_to_right():
    assert reading_order(boxes((200, 10), (0, 0), (100, 5), (50, 100), (0, 110))) == [3, 1, 2, 5, 4]
    assert reading_order([]) == []
    assert reading_order(boxes((5, 5))) == [1]


def test_a_row_may_rise_and_fall_as_heads_in_a_group_do():
    arc = [(60 * n, 15 * abs(n - 4)) for n in range(9)]
    below = [(60 * n + 30, 15 * abs(n - 4) + 70) for n in range(9)]
    shuffled = np.random.default_rng(1).permutation(18)
    places = [*arc, *below]
    numbers = reading_order(boxes(*(places[i] for i in shuffled)))
    assert numbers == [int(i) + 1 for i in shuffled]


def test_every_face_gets_one_number_wherever_the_faces_are():
    rng = np.random.default_rng(2)
    for _ in range(20):
        faces = [tuple(float(v) for v in rng.uniform(1, 300, 4)) for _ in range(30)]
        assert sorted(reading_order(faces)) == [*range(1, 31)]


def quality(size, *warnings):
    return Quality(size, 1.0, 120.0, 60.0, 0.0, 0.99, warnings)


def test_small_unclear_faces_beside_a_large_one_are_of_the_background():
    faces = [
        quality(200.0, "blurred"),
        quality(30.0, "small", "blurred"),
        quality(30.0, "small"),
        quality(30.0, "small", "doubtful"),
        quality(60.0, "blurred"),
    ]
    assert which_are_faint(faces) == [False, True, False, True, False]
    # A group of small faces has no background.
    assert which_are_faint([quality(30.0, "small", "blurred"), quality(40.0, "small", "flat")]) == [False] * 2
    crowd = [quality(200.0), *[quality(30.0, "small", "blurred")] * 9]
    assert which_are_faint(crowd) == [False] * 10
    assert sum(which_are_faint(crowd[:9])) == 8
    assert which_are_faint([]) == []


@pytest.mark.parametrize("size", [(100, 80), (1280, 1280), (2000, 1500), (8000, 750), (1281, 3000)])
def test_tiles_cover_the_photo_and_each_face_has_one(size):
    width, height = size
    overlap = 80
    tiles = [*tiles_of(width, height, 1280, overlap)]
    assert max(max(t.right - t.left, t.bottom - t.top) for t in tiles) <= 1280 + overlap
    covered = np.zeros((height, width), np.uint8)
    for tile in tiles:
        covered[tile.top : tile.bottom, tile.left : tile.right] += 1
    assert covered.min() >= 1
    rng = np.random.default_rng(3)
    for _ in range(200):
        x, y = rng.uniform(-20, width - 20), rng.uniform(-20, height - 20)
        face = Face((float(x), float(y), 40.0, 40.0), {}, 1.0)
        (owner,) = [tile for tile in tiles if tile.owns(face)]
        # It lies in its tile as a whole, or as far as in the photo.
        assert owner.left <= max(x, 0)
        assert owner.top <= max(y, 0)
        assert owner.right >= min(x + 40, width)
        assert owner.bottom >= min(y + 40, height)


def result(**changes):
    usual = {"faces": [{}] * 100, "smallest_face": 20.0, "left_out": 0, "undone": []}
    return usual | changes


def test_what_was_left_out_is_said_and_nothing_else():
    assert sentences(result()) == []
    assert sentences(result(smallest_face=None)) == []
    assert sentences(result(smallest_face=48.0)) == ["Faces under 48 pixels were not looked for."]
    (many,) = sentences(result(left_out=25))
    assert many == "More than 100 faces were found; kept are the 100 that the detector is surest of."
    (late,) = sentences(result(undone=["small", "faint"]))
    assert late == (
        "The search took too long, so it ended before it looked for small faces in all of it and faint faces."
    )


def test_a_quality_is_compared_with_the_largest_face():
    assert which_are_faint([quality(100.0), replace(quality(39.0), warnings=("small", "dark"))]) == [
        False,
        True,
    ]
