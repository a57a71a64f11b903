"""Which pass wins, with made-up detectors: the upright photo must stay upright."""

import numpy as np
import pytest

from model.detection.budget import Budget
from model.detection.merge import MAX_FACES
from model.detection.passes import (
    MAX_LEAN,
    MAX_LEAN_ALONE,
    SMALL_FACE,
    Options,
    search,
)
from model.detection.rotation import lean, rotate_clockwise
from model.types import Face, Photo

UPRIGHT_SCORE = 0.971
ROTATED_SCORE = 0.995


def face(score, mouth=0.0):
    """A face whose mouth lies ``mouth`` degrees off straight below its eyes, to the right if positive."""
    angle = np.deg2rad(mouth)
    x, y = 50 + 30 * np.sin(angle), 40 + 30 * np.cos(angle)
    landmarks = {
        "left_eye": (40.0, 40.0),
        "right_eye": (60.0, 40.0),
        "nose": (50 + 15 * np.sin(angle), 40 + 15 * np.cos(angle)),
        "mouth_left": (x - 8, y),
        "mouth_right": (x + 8, y),
    }
    return Face((25.0, 20.0, 50.0, 65.0), landmarks, score)


class MadeUp:
    """A detector that finds the given faces by rotation of the photo of ``scene``, and none otherwise.

    ``small`` are found in ``tiles`` tiles only.
    """

    def __init__(self, *, small=(), tiles=0, **faces):
        self.faces = {int(name[1:]): found for name, found in faces.items()}
        self.small, self.tiles = small, tiles

    def detect_faces(self, pixels):
        return self.faces.get(int(pixels[0, 0, 0]), ())

    def detect_quick(self, pixels, *, mirrored):
        return self.detect_faces(pixels)

    def glance(self, pixels, rotations):
        return frozenset(rotations)

    def detect_small(self, pixels, goes_on):
        searched = sum(1 for _ in range(self.tiles) if goes_on())
        return self.small if searched else (), searched

    def detect_upscaled(self, pixels):
        return ()

    def detect_low_threshold(self, pixels, *, least, tilted=False, smaller=False):
        return ()

    def smallest_face(self, pixels):
        return 50.0


class Clock:
    """A clock that goes on by a second each time it is read."""

    def __init__(self):
        self.now = 0

    def __call__(self):
        self.now += 1
        return self.now


def detect_in_passes(detector, photo, seconds=3600, clock=None, **options):
    budget = Budget(seconds, clock) if clock else Budget(seconds)
    return search(detector, photo, budget, Options(**options))


def placed(x, y, side, score=1.0):
    return Face((float(x), float(y), float(side), float(side)), face(score).landmarks, score)


def scene(*, oriented=False):
    """A photo whose first pixel tells by how many degrees / 90 it was rotated."""
    pixels = np.zeros((160, 100, 3), np.uint8)
    pixels[-1, 0], pixels[-1, -1], pixels[0, -1] = 1, 2, 3
    return Photo(pixels, "JPEG", oriented=oriented)


def test_a_portrait_is_not_laid_on_its_side_for_a_higher_score():
    detector = MadeUp(_0=(face(UPRIGHT_SCORE, 2),), _1=(face(ROTATED_SCORE, -83),))
    found = detect_in_passes(detector, scene())
    assert found.rotation == 0
    assert found.faces == (face(UPRIGHT_SCORE, 2),)
    assert [(each.rotation, each.faces) for each in found.passes[:4]] == [(0, 1), (90, 1), (180, 0), (270, 0)]


@pytest.mark.parametrize("mouth", [0, 19, -19, MAX_LEAN - 0.1])
@pytest.mark.parametrize("quarter", [1, 2, 3])
def test_a_photo_that_lies_is_righted(quarter, mouth):
    detector = MadeUp(_0=(face(UPRIGHT_SCORE, 88),), **{f"_{quarter}": (face(ROTATED_SCORE, mouth),)})
    found = detect_in_passes(detector, scene())
    assert found.rotation == 90 * quarter
    assert found.faces == (face(ROTATED_SCORE, mouth),)


@pytest.mark.parametrize("mouth", [MAX_LEAN + 0.1, 43, -43, 92, 180])
def test_a_face_that_lies_in_the_rotated_photo_does_not_win(mouth):
    wrong = {f"_{quarter}": (face(ROTATED_SCORE, mouth),) for quarter in (1, 2, 3)}
    assert detect_in_passes(MadeUp(_0=(face(UPRIGHT_SCORE),), **wrong), scene()).rotation == 0


def test_where_nothing_is_upright_the_nearest_rotation_wins():
    assert detect_in_passes(MadeUp(_1=(face(ROTATED_SCORE, MAX_LEAN_ALONE - 0.1),)), scene()).rotation == 90
    lying = detect_in_passes(MadeUp(_1=(face(ROTATED_SCORE, MAX_LEAN_ALONE + 0.1),)), scene())
    assert (lying.rotation, lying.faces) == (0, ())
    assert lying.passes[-1].low_threshold


def test_an_upright_face_beats_a_lying_one_of_a_higher_score():
    detector = MadeUp(_0=(face(0.9, 85),), _1=(face(0.999, 85),), _3=(face(0.985, 3),))
    assert detect_in_passes(detector, scene()).rotation == 270


def test_the_best_face_of_a_rotated_photo_decides():
    chance = face(0.975, 0)
    detector = MadeUp(_0=(face(0.96),), _1=(chance, face(ROTATED_SCORE, -83)))
    assert detect_in_passes(detector, scene()).rotation == 0


def test_a_file_that_says_which_way_is_up_is_believed_where_a_face_is_found():
    lying = {"_1": (face(ROTATED_SCORE),)}
    seen = MadeUp(_0=(face(0.8),), **lying)
    assert detect_in_passes(seen, scene()).rotation == 90
    found = detect_in_passes(seen, scene(oriented=True))
    assert found.rotation == 0
    assert not {90, 180, 270} & {each.rotation for each in found.passes}
    unseen = detect_in_passes(MadeUp(**lying), scene(oriented=True))
    assert unseen.rotation == 90
    assert unseen.photo.oriented


@pytest.mark.parametrize("mouth", [0, 25, -25, 90, -90, 135, 180])
def test_lean_is_the_mouths_angle_off_straight_below_the_eyes(mouth):
    assert lean(face(1.0, mouth)) == pytest.approx(abs(mouth))


def test_a_face_without_landmarks_does_not_count_as_upright():
    assert lean(Face((0.0, 0.0, 9.0, 9.0), {}, 1.0)) > MAX_LEAN


def test_rotation_keeps_what_is_known_of_the_file():
    photo = Photo(scene().pixels, "JPEG", (200, 320), oriented=True)
    rotated = rotate_clockwise(photo, 90)
    assert rotated.pixels[0, 0, 0] == 1
    assert (rotated.format, rotated.full_size, rotated.oriented) == ("JPEG", (320, 200), True)


def test_a_photo_is_read_as_it_came_if_that_is_asked_for():
    detector = MadeUp(_0=(face(UPRIGHT_SCORE, 88),), _1=(face(ROTATED_SCORE),))
    assert detect_in_passes(detector, scene()).rotation == 90
    found = detect_in_passes(detector, scene(), rotate=False)
    assert found.rotation == 0
    assert found.faces == (face(UPRIGHT_SCORE, 88),)
    assert 90 not in [each.rotation for each in found.passes]


def test_small_faces_of_a_large_photo_join_the_large_one():
    large, small = placed(0, 0, 60), placed(70, 70, 20, 0.9)
    again = placed(2, 2, 58, 0.99)
    found = detect_in_passes(MadeUp(_0=(large,), small=(small, again), tiles=2), scene())
    assert found.faces == (large, small)
    assert [(each.faces, each.tiles) for each in found.passes] == [(1, 0), (2, 2)]
    assert found.limits.smallest_face == SMALL_FACE
    assert found.limits.undone == ()


def test_faces_in_a_face_are_one_face():
    outer, inner = placed(0, 0, 60, 0.99), placed(10, 10, 20, 0.95)
    assert detect_in_passes(MadeUp(_0=(outer,), small=(inner,), tiles=1), scene()).faces == (outer,)


def test_the_surest_hundred_of_a_crowd_are_kept_and_the_rest_is_counted():
    crowd = tuple(placed(30 * (n % 20), 30 * (n // 20), 20, 0.99 + n / 1e5) for n in range(MAX_FACES + 30))
    found = detect_in_passes(MadeUp(_0=crowd), scene())
    assert sorted(each.box for each in found.faces) == sorted(each.box for each in crowd[30:])
    assert found.limits.left_out == 30


def test_a_search_that_takes_too_long_ends_and_says_where():
    detector = MadeUp(small=(placed(0, 0, 20),), tiles=9)
    every = detect_in_passes(detector, scene(), seconds=100, clock=Clock())
    assert every.limits.undone == ()
    assert every.passes[-1].tiles == 9
    # The clock is read once at the start, three times for rotations, four for leaning heads, then for each tile.
    cut = detect_in_passes(detector, scene(), seconds=11, clock=Clock())
    assert cut.passes[-1].tiles == 3
    assert cut.limits.undone == ("small",)
    assert cut.limits.smallest_face == 50.0
    assert cut.faces == detector.small
    none = detect_in_passes(detector, scene(), seconds=0, clock=Clock())
    assert none.limits.undone == ("rotated", "leaning", "small", "upscaled", "faint")
    assert [each.rotation for each in none.passes] == [0]
