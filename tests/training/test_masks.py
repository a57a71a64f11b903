"""Synthetic masks: they cover mouth and chin but not the eyes, and are the same for the same name and seed."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from model.detection.detector import MtcnnDetector
from model.faces.eye_band import MEAN_LANDMARKS, eye_band
from model.geometry import Pixels
from model.types import Face
from tests.helpers import photos as faces_photos
from training.data.fer2013 import Split
from training.masks.copies import draw_copy
from training.masks.draw import STYLES, choose_mask_style, draw_mask, mask_rng
from training.masks.shapes import pose_of

POINTS = np.array(MEAN_LANDMARKS, np.float32)


def gray_face() -> Pixels:
    """A 48-pixel face: the portrait framed so that its landmarks lie about where FER-2013's do."""
    face = faces_photos.portrait()[66:168, 172:274]
    gray = cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (48, 48), interpolation=cv2.INTER_AREA)
    return np.asarray(gray, np.uint8)


def changed(before: Pixels, after: Pixels) -> np.ndarray:
    difference = np.abs(after.astype(int) - before)
    return (difference.max(axis=2) if difference.ndim == 3 else difference) > 12


@pytest.fixture(scope="module")
def portrait_face() -> Face:
    (face,) = MtcnnDetector.load(threads=1).detect_faces(faces_photos.portrait())
    return face


@pytest.mark.parametrize("number", range(12))
def test_a_mask_covers_the_mouth_and_not_the_eyes(number: int) -> None:
    image = gray_face()
    after = draw_mask(image, POINTS, mask_rng(f"image {number}", 0))
    assert after.shape == image.shape
    assert after.dtype == np.uint8
    where = changed(image, after)
    assert where[33:44, 12:36].mean() > 0.5
    assert not where[:21, 8:40].any()
    band, masked_band = (eye_band(one, _face()).pixels for one in (image, after))
    assert np.abs(band[:24].astype(int) - masked_band[:24]).max() < 12


def _face() -> Face:
    names = ("left_eye", "right_eye", "nose", "mouth_left", "mouth_right")
    marks = {name: (float(x), float(y)) for name, (x, y) in zip(names, POINTS, strict=True)}
    return Face((0.0, 0.0, 48.0, 48.0), marks, 1.0)


def test_a_photo_is_masked_in_colour_and_nothing_but_the_face_changes(portrait_face: Face) -> None:
    photo = faces_photos.portrait()
    untouched = photo.copy()
    for name in ("a", "b", "c"):
        after = draw_mask(photo, np.array(list(portrait_face.landmarks.values())), mask_rng(name, 0))
        where = changed(photo, after)
        x, y, width, height = (round(v) for v in portrait_face.box)
        assert where[y + round(0.7 * height) : y + height - 10, x + 20 : x + width - 20].mean() > 0.8
        assert not where[: y + height // 3].any()
        rows, columns = np.nonzero(where)
        assert rows.max() < y + 1.4 * height
        assert columns.min() > x - 0.4 * width
        assert columns.max() < x + 1.4 * width
    assert np.array_equal(photo, untouched)


def test_the_mask_turns_with_the_head(portrait_face: Face) -> None:
    turned = np.deg2rad(25)
    turn = np.array([[np.cos(turned), -np.sin(turned)], [np.sin(turned), np.cos(turned)]])
    upright = np.array(list(portrait_face.landmarks.values()))
    leaning = (upright - 256) @ turn.T + 256
    photo = np.full((512, 512, 3), 140, np.uint8)
    masks = [changed(photo, draw_mask(photo, points, mask_rng("x", 3))) for points in (upright, leaning)]
    centres = [np.array([np.nonzero(mask)[1].mean(), np.nonzero(mask)[0].mean()]) for mask in masks]
    assert centres[1] == pytest.approx((centres[0] - 256) @ turn.T + 256, abs=2)


def test_a_turned_head_shows_more_of_one_side() -> None:
    frontal, turned = pose_of(POINTS), pose_of(POINTS + np.array([[0, 0], [0, 0], [4, 0], [0, 0], [0, 0]]))
    assert abs(frontal.turn) < np.deg2rad(5)
    assert turned.turn > np.deg2rad(20)
    image = np.full((48, 48), 150, np.uint8)
    shares = []
    for points, nose in ((POINTS, 23.5), (POINTS + np.array([[0, 0], [0, 0], [4, 0], [0, 0], [0, 0]]), 27.5)):
        columns = np.nonzero(changed(image, draw_mask(image, points, mask_rng("a", 0))))[1]
        shares.append(np.mean(columns < nose))
    assert shares[0] == pytest.approx(0.5, abs=0.08)
    assert shares[1] > 0.58


def test_masks_differ_in_style_colour_and_fit() -> None:
    looks = [choose_mask_style(mask_rng(str(number), 0)) for number in range(300)]
    assert {look.cloth.style for look in looks} == set(STYLES)
    assert {look.cloth.pattern for look in looks} == {"plain", "stripes", "dots", "checks"}
    assert len({look.cloth.color for look in looks}) > 250
    assert np.mean([look.under_nose for look in looks]) == pytest.approx(1 / 6, abs=0.07)


def test_same_name_and_copy_same_mask_whatever_comes_before_it() -> None:
    images = np.stack([gray_face(), np.roll(gray_face(), 1, axis=1)])
    split = Split(images, np.array([0, 3]), ("one", "two"), landmarks=np.stack([POINTS] * 2))
    before = images.copy()
    first = draw_copy(split, 1, 1)
    assert np.array_equal(first, draw_copy(split.where(np.array([False, True])), 0, 1))
    assert not np.array_equal(first, draw_copy(split, 1, 0))
    assert changed(images[1], first).mean() > 0.1
    assert np.array_equal(split.images, before)


@pytest.mark.parametrize("where", ["outside", "one point", "upside down", "huge", "profile"])
def test_odd_landmarks_do_no_harm(where: str) -> None:
    image = gray_face()
    points = {
        "outside": POINTS + 300,
        "one point": np.full((5, 2), 24.0),
        "upside down": 47 - POINTS,
        "huge": POINTS * 30 - 500,
        "profile": POINTS * (0.1, 1) + (20, 0),
    }[where]
    after = draw_mask(image, points, mask_rng("odd", 0))
    assert after.shape == image.shape
    if where == "outside":
        assert np.array_equal(after, image)
