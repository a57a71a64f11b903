"""Faces framed in larger photos: positions, reproducibility, counts."""

import json

import cv2
import numpy as np
import pytest
import skimage.data

from model.types import Face
from training.reports.framing import Outcome, framing_figure, main, summarise
from training.reports.scenes import HEIGHT, WIDTH, compose, face_of, scenes

PORTRAIT = cv2.resize(
    cv2.cvtColor(skimage.data.astronaut()[52:182, 158:288], cv2.COLOR_RGB2GRAY),
    (48, 48),
    interpolation=cv2.INTER_AREA,
)


@pytest.mark.parametrize("seed", range(6))
def test_the_image_lies_where_the_scene_says(seed):
    scene = compose(PORTRAIT, np.random.default_rng(seed))
    assert scene.pixels.shape == (HEIGHT, WIDTH, 3)
    x, y, side, _ = scene.square
    assert side == pytest.approx(48 * scene.scale)
    # Taken back out of the photo by its own description, it is the image that was put in.
    middle = (x + side / 2, y + side / 2)
    matrix = cv2.getRotationMatrix2D(middle, scene.roll, 1 / scene.scale)
    matrix[:, 2] += 23.5 - np.array(middle)
    back = cv2.warpAffine(scene.pixels[..., 0], matrix, (48, 48), flags=cv2.INTER_AREA)
    inner = (slice(4, 44), slice(4, 44))
    assert np.abs(back[inner].astype(int) - PORTRAIT[inner]).mean() < 6


def test_the_background_has_no_hard_edge():
    scene = compose(np.full((48, 48), 90, np.uint8), np.random.default_rng(1))
    gray = scene.pixels[..., 0].astype(int)
    assert np.abs(np.diff(gray, axis=1)).max() < 30


def test_a_seed_gives_the_same_scenes():
    class Two:
        images = np.stack([PORTRAIT, PORTRAIT[:, ::-1]])

    first, second = list(scenes(Two, 7)), list(scenes(Two, 7))
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one.pixels, other.pixels)
    assert first[0].scale != first[1].scale


def test_only_a_face_at_the_right_place_and_size_is_the_scenes():
    scene = compose(PORTRAIT, np.random.default_rng(2))
    x, y, side, _ = scene.square
    right = Face((x + 3, y, 0.9 * side, side), {}, 1.0)
    elsewhere = Face((x + side, y, side, side), {}, 1.0)
    tiny = Face((x + side / 2, y + side / 2, side / 9, side / 9), {}, 1.0)
    assert face_of(scene, [elsewhere, tiny, right]) == 2
    assert face_of(scene, [elsewhere, tiny]) is None


def test_a_face_that_is_not_found_counts_as_wrong():
    outcomes = [
        Outcome(1.5, -3, True, 2, 2, 2),
        Outcome(1.7, 4, False, -1, 2, 2),
        Outcome(5.5, 19, True, 1, 2, 2),
        Outcome(5.6, -19, True, 2, 2, 0),
    ]
    summary = summarise(outcomes)
    assert summary["all"]["accuracy"] == 0.5
    assert summary["all"]["found"] == 0.75
    assert summary["all"]["found_accuracy"] == pytest.approx(2 / 3, abs=1e-4)
    assert summary["all"]["cropped_accuracy"] == 0.75
    assert [bucket["images"] for bucket in summary["by_scale"]] == [2, 0, 0, 0, 2]
    assert [bucket["images"] for bucket in summary["by_roll"]] == [2, 0, 0, 2]
    assert len(framing_figure(json.loads(json.dumps(summary))).axes) == 2


def test_without_data_or_model_it_says_so(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "none.zip")]) == 2
    assert "There is nothing at" in capsys.readouterr().err
    assert main(["--data", "x", "--model", "nobody"]) == 2
    assert "no model “nobody”" in capsys.readouterr().err
