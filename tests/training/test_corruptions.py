"""Corruptions: their effect, monotone in the strength, deterministic; and the command."""

import json
import shutil

import cv2
import numpy as np
import pytest

from model.faces.crop import preprocess
from model.store.files import SAVED
from tests.helpers.photos import portrait
from tests.training import tiny
from training import corruptions
from training.corruptions import main
from training.reports.corrupt import CORRUPTIONS, corrupted


@pytest.fixture(scope="module")
def faces():
    return np.stack([preprocess(portrait()[66:168, 172:274], 48)] * 4)


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("fer2013")
    tiny.write_images(root, training=1, tests=1)
    tiny.write_votes(root)
    return root


def test_there_are_ten_kinds_of_five_strengths():
    assert len(CORRUPTIONS) == 10
    assert all(len(levels) == 5 for _, levels in CORRUPTIONS.values())


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_more_strength_moves_the_pixels_further(faces, name):
    changes = []
    for strength in (1, 3, 5):
        found = corrupted(faces, name, strength)
        assert found.shape == faces.shape
        assert found.dtype == np.uint8
        np.testing.assert_array_equal(found, corrupted(faces, name, strength))
        changes.append(np.abs(found.astype(float) - faces).mean())
    assert 0 < changes[0] < changes[1] < changes[2]


def test_each_does_what_its_name_says(faces):
    face = faces[0].astype(float)

    def detail(image):
        return cv2.Laplacian(image, cv2.CV_64F).var()

    after = {name: corrupted(faces, name, 3)[0] for name in CORRUPTIONS}
    for name in ("gaussian_blur", "motion_blur"):
        assert detail(after[name]) < 0.7 * detail(faces[0])
    for name in ("noise", "sharpening"):
        assert detail(after[name]) > 1.5 * detail(faces[0])
    assert after["dark"].mean() < 0.4 * face.mean()
    assert after["low_contrast"].std() < 0.4 * face.std()
    assert after["low_contrast"].mean() == pytest.approx(face.mean(), abs=1)
    assert (after["occlusion"] == 128).sum() >= 16 * 16
    assert len(np.unique(after["pixelation"])) <= 400


def test_the_command_measures_one_view_and_as_served_and_writes(data, tmp_path, monkeypatch, capsys):
    shutil.copytree(SAVED / "attention_cnn", tmp_path / "attention_cnn")
    monkeypatch.setattr(corruptions, "SAVED", tmp_path)
    options = ["--data", str(data), "--votes", str(data / "votes.csv"), "--model", "attention_cnn"]
    assert main([*options, "--images", "3", "--write"]) == 0
    assert "as served" in capsys.readouterr().out
    report = json.loads((tmp_path / "attention_cnn" / "report.json").read_text(encoding="utf-8"))
    figures = report["corruptions"]
    assert figures["images"] == 3
    for way in ("one_view", "as_served"):
        rows = figures[way]["corruptions"]
        assert set(rows) == set(CORRUPTIONS)
        expected = np.mean([row["accuracy"] for row in rows.values()])
        mean = figures[way]["mean"]
        assert mean["accuracy"] == pytest.approx(expected, abs=1e-3)
        assert 0 <= mean["interval"][0] <= mean["accuracy"] <= mean["interval"][1] <= 1


def test_what_cannot_be_measured_is_said(data, capsys):
    votes = str(data / "votes.csv")
    assert main(["--data", str(data), "--votes", votes, "--model", "upper_face"]) == 2
    assert "whole face" in capsys.readouterr().err
    assert main(["--data", str(data), "--votes", votes, "--model", "none"]) == 2
    assert "no saved model" in capsys.readouterr().err
    assert main(["--data", str(data), "--votes", str(data / "none.csv")]) == 2
    assert "no votes" in capsys.readouterr().err
