"""Hands and scarves cover the mouth and not the eyes; the command measures accuracy and the detection of covers."""

import json
import shutil

import numpy as np
import pytest

from model.store.files import SAVED
from tests.helpers.covered_model import save_with_covered
from tests.training import tiny
from training import covers
from training.covers import COVERS, covered, main, told_apart
from training.masks.draw import mask_rng

NEW = ("hand", "scarf")


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("fer2013")
    tiny.write_images(root, training=1, tests=1)
    tiny.write_votes(root)
    tiny.write_parts(root)
    return root


def around(point, reach=3):
    x, y = (int(np.clip(round(float(v)), reach, 47 - reach)) for v in point)
    return slice(y - reach, y + reach + 1), slice(x - reach, x + reach + 1)


@pytest.mark.parametrize("name", NEW)
def test_the_mouth_is_covered_and_the_eyes_are_not(split, name):
    changed = covered(split, name) != split.images
    mouths, eyes = [], []
    for one, points in zip(changed, split.landmarks, strict=True):
        mouths.append(one[around(points[3:].mean(axis=0))].mean())
        eyes += [one[around(point, 2)].mean() for point in points[:2]]
    assert min(mouths) > 0.8
    assert np.mean(eyes) < 0.1


@pytest.mark.parametrize("name", NEW)
def test_a_cover_follows_from_the_name_alone_and_differs_from_image_to_image(split, name):
    np.testing.assert_array_equal(covered(split, name), covered(split, name))
    image, points = split.images[0], split.landmarks[0]
    one, other = (COVERS[name](image, points, mask_rng(of, 0)) for of in ("a", "b"))
    assert not np.array_equal(one, other)
    assert one.dtype == np.uint8
    assert one.shape == image.shape


@pytest.mark.parametrize("name", NEW)
def test_landmarks_that_make_no_sense_are_survived(name):
    image = np.full((48, 48), 120, np.uint8)
    for points in (
        np.zeros((5, 2)),
        np.full((5, 2), 47.0),
        np.array([[40, 5], [8, 5], [0, 0], [60, 60], [70, 60]]),
    ):
        assert COVERS[name](image, points.astype(np.float32), mask_rng("x", 0)).shape == (48, 48)


def test_covered_and_uncovered_are_told_apart_by_hand():
    found = told_apart({"none": [0.1, 0.2, 0.7, 0.3], "mask": [0.8, 0.9], "hand": [0.6, 0.25]}, 0.5)
    assert found["false_alarms"] == 0.25
    assert found["by_cover"]["mask"] == {"auc": 1.0, "seen": 1.0}
    assert found["by_cover"]["hand"] == {"auc": 0.625, "seen": 0.5}
    assert found["auc"] == pytest.approx((4 + 4 + 3 + 2) / 16)


def test_the_command_measures_every_cover_and_writes(data, tmp_path, monkeypatch, capsys):
    shutil.copytree(SAVED / "attention_cnn", tmp_path / "attention_cnn")
    save_with_covered(tmp_path / "tells")
    monkeypatch.setattr(covers, "SAVED", tmp_path)
    options = [
        "--data",
        str(data),
        "--votes",
        str(data / "votes.csv"),
        "--landmarks",
        str(data / "landmarks.npz"),
    ]
    assert main([*options, "--model", "attention_cnn", "--write"]) == 0
    report = json.loads((tmp_path / "attention_cnn" / "report.json").read_text(encoding="utf-8"))
    figures = report["covers"]
    assert set(figures["accuracy"]) == {"none", "mask", "hand", "scarf"}
    assert figures["images"] == 7
    assert "covered" not in figures
    capsys.readouterr()
    assert main([*options, "--model", "tells"]) == 0
    assert "covered: AUC" in capsys.readouterr().out


def test_what_cannot_be_measured_is_said(data, tmp_path, capsys):
    options = ["--data", str(data), "--votes", str(data / "votes.csv")]
    assert main([*options, "--landmarks", str(tmp_path / "none.npz")]) == 2
    assert "training.data.landmarks" in capsys.readouterr().err
    assert main([*options, "--model", "landmarks"]) == 2
    assert "whole face" in capsys.readouterr().err
