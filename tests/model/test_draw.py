"""The images of the stages: legible on any photo, and the caller's arrays stay unchanged."""

import numpy as np
import pytest

from model.output.draw import MIN_LONG_SIDE, attention_on_crop, boxes_on_photo, enlarge, explanation_on_face
from model.types import LANDMARK_NAMES, Face, Photo

VIRIDIS_LOW, VIRIDIS_HIGH = np.array([68, 1, 84]), np.array([253, 231, 37])


def face(x, y, width, height):
    spots = [(0.3, 0.4), (0.7, 0.4), (0.5, 0.6), (0.35, 0.8), (0.65, 0.8)]
    points = {n: (x + u * width, y + v * height) for n, (u, v) in zip(LANDMARK_NAMES, spots, strict=True)}
    return Face(box=(x, y, width, height), landmarks=points, score=0.99)


def plain(height, width, value):
    return np.full((height, width, 3), value, np.uint8)


@pytest.mark.parametrize("value", [0, 128, 255])
def test_boxes_contrast_with_photos_of_any_brightness(value):
    drawn = boxes_on_photo(Photo(plain(600, 800, value)), [face(200, 150, 300, 300)])
    side = drawn[200:400, 190:212].astype(int)  # crosses the left edge of the box
    assert np.abs(side - value).max() > 100


def test_box_and_landmarks_land_where_the_face_is():
    photo = plain(600, 800, 90)
    drawn = boxes_on_photo(Photo(photo), [face(200, 150, 300, 300)])
    changed = (drawn != photo).any(axis=2)
    rows, columns = np.nonzero(changed[160:])
    assert abs(columns.min() - 200) <= 4
    assert abs(columns.max() - 500) <= 4
    assert abs(rows.max() + 160 - 450) <= 4
    for x, y in face(200, 150, 300, 300).landmarks.values():
        assert changed[round(y), round(x)]
    assert not changed[300, 230]  # the inside of the face stays visible


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((3000, 4000), (768, 1024)),
        ((4000, 3000), (1024, 768)),
        ((600, 800), (600, 800)),
        ((60, 40), (MIN_LONG_SIDE, 320)),
        ((1, 1), (MIN_LONG_SIDE, MIN_LONG_SIDE)),
        ((1, 9000), (1, 1024)),
    ],
)
def test_size_is_bounded_in_both_directions(size, expected):
    height, width = size
    drawn = boxes_on_photo(Photo(plain(height, width, 90)), [face(0, 0, width / 2, height / 2)])
    assert drawn.shape == (*expected, 3)
    assert drawn.dtype == np.uint8


def test_boxes_follow_the_scale_of_the_photo():
    photo = plain(3000, 4000, 90)
    drawn = boxes_on_photo(Photo(photo), [face(1000, 750, 1500, 1500)])
    rows, columns = np.nonzero((drawn[200:] != 90).any(axis=2))
    assert abs(columns.min() - 256) <= 8
    assert abs(columns.max() - 640) <= 8
    assert abs(rows.max() + 200 - 576) <= 8


def test_max_side_wins_over_enlarging():
    assert boxes_on_photo(Photo(plain(50, 100, 90)), [], max_side=200).shape == (100, 200, 3)


def test_numbers_follow_the_reading_order_whatever_the_order_of_the_faces():
    one, two = face(50, 100, 200, 200), face(400, 100, 200, 200)
    photo = Photo(plain(600, 800, 90))
    np.testing.assert_array_equal(boxes_on_photo(photo, [one, two]), boxes_on_photo(photo, [two, one]))


def test_each_face_gets_its_own_number():
    one, two = face(50, 100, 200, 200), face(400, 100, 200, 200)
    photo = Photo(plain(600, 800, 90))
    in_order, swapped = (boxes_on_photo(photo, [one, two], numbers=numbers) for numbers in ([1, 2], [2, 1]))
    different = (in_order != swapped).any(axis=2)
    rows, columns = np.nonzero(different)
    assert rows.size > 0
    assert rows.max() < 110  # only the plates above the boxes differ
    assert {bool((columns < 250).any()), bool((columns >= 400).any())} == {True}


def test_number_stays_inside_the_photo_for_faces_at_its_edges():
    photo = plain(600, 800, 90)
    at_corner = boxes_on_photo(Photo(photo), [face(-40, -40, 200, 200)])
    assert (at_corner[:12, :12] != 90).any()
    at_right = boxes_on_photo(Photo(photo), [face(795, 300, 60, 60)])
    assert (at_right[285:300, 770:790] != 90).any()


def test_photo_is_left_as_it_was():
    photo = plain(600, 800, 90)
    photo.setflags(write=False)
    boxes_on_photo(Photo(photo), [face(200, 150, 300, 300)])
    assert (photo == 90).all()


def test_photo_without_faces_is_only_copied():
    photo = plain(600, 800, 90)
    drawn = boxes_on_photo(Photo(photo), [])
    assert np.array_equal(drawn, photo)
    assert drawn is not photo


def test_attention_colours_run_from_least_to_most():
    attention = np.zeros((4, 4), np.float32)
    attention[0, 0] = 0.6
    shown = attention_on_crop(plain(64, 64, 0), attention)
    assert shown.shape == (64, 64, 3)
    assert np.abs(shown[0, 0] - VIRIDIS_HIGH / 2).max() <= 3
    assert np.abs(shown[63, 63] - VIRIDIS_LOW / 2).max() <= 3


@pytest.mark.parametrize("weight", [1 / 144, 0.5, 1.0])
def test_even_attention_is_even_whatever_it_adds_up_to(weight):
    uneven = np.full((12, 12), weight, np.float32)
    uneven[3, 4] *= 1.02
    for attention in (np.full((12, 12), weight, np.float32), uneven):
        shown = attention_on_crop(plain(32, 32, 0), attention)
        assert np.abs(shown - VIRIDIS_HIGH / 2).max() <= 8
    nothing = attention_on_crop(plain(32, 32, 0), np.zeros((12, 12), np.float32))
    assert np.abs(nothing - VIRIDIS_LOW / 2).max() <= 3


def test_a_map_that_adds_up_to_one_is_scaled_by_its_maximum():
    attention = np.linspace(0, 1, 144, dtype=np.float32).reshape(12, 12)
    whole, shares = (attention_on_crop(plain(48, 48, 0), a) for a in (attention, attention / attention.sum()))
    assert np.abs(whole.astype(int) - shares).max() <= 1


@pytest.mark.parametrize("face", [np.full((30, 30, 3), 100, np.uint8), np.full((17, 64), 100, np.uint8)])
def test_what_spoke_for_an_answer_is_orange_and_the_rest_stays_gray(face):
    spoke = np.zeros((48, 48), np.float32)
    spoke[:24] = 1
    spoke[40:] = -1
    shown = explanation_on_face(face, spoke, side=240).astype(int)
    assert max(shown.shape[:2]) == 240
    assert shown.shape[0] / shown.shape[1] == pytest.approx(face.shape[0] / face.shape[1], rel=0.02)
    assert (shown[0, :, 0] - shown[0, :, 2]).min() > 150
    assert np.all(shown[-1] == 100)


def test_face_is_still_visible_under_the_attention():
    crop = plain(32, 32, 0)
    crop[:, 16:] = 255
    shown = attention_on_crop(crop, np.full((4, 4), 0.5, np.float32)).astype(int)
    assert (shown[:, 16:] - shown[:, :16]).min() > 100
    assert crop[:, :16].max() == 0


@pytest.mark.parametrize("shape", [(0, 0), (4,), (4, 4, 1)])
def test_attention_of_another_shape_is_refused(shape):
    with pytest.raises(ValueError, match="attention must be"):
        attention_on_crop(plain(32, 32, 0), np.zeros(shape, np.float32))


def test_enlarging_repeats_pixels_and_invents_none():
    small = np.array([[10, 200], [30, 40]], np.uint8)
    large = enlarge(small, 5)
    assert large.shape == (10, 10)
    assert np.array_equal(large[::5, ::5], small)
    assert (large[:5, 5:] == 200).all()


@pytest.mark.parametrize("factor", [0, -2])
def test_enlarging_by_less_than_one_is_refused(factor):
    with pytest.raises(ValueError, match="factor"):
        enlarge(np.zeros((2, 2), np.uint8), factor)


def test_max_side_of_nothing_is_refused():
    with pytest.raises(ValueError, match="max_side"):
        boxes_on_photo(Photo(plain(10, 10, 0)), [], max_side=0)
