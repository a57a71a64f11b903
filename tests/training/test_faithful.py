"""Deletion and insertion distinguish a faithful map from another one; the command writes both."""

import json
import shutil

import numpy as np
import pytest

from model.store.files import SAVED
from tests.helpers.photos import portrait
from tests.helpers.spot_reader import SpotReader, noisy_faces
from tests.training import tiny
from tests.training.real_photos import write_photos
from training import faithful
from training.faithful import main
from training.reports.deletion import Faces, blob, correlation, deleted, first_places, judge

COUNT = 12


@pytest.fixture
def faces():
    return Faces(SpotReader(), noisy_faces(COUNT), np.zeros(COUNT, np.int64))


def maps_of(reader, seed=None):
    """Maps that mark where the reader looks; with a seed, only in every other map, and noise in the rest."""
    found = np.repeat(reader.mask()[np.newaxis].astype(np.float32), COUNT, axis=0)
    if seed is not None:
        found[::2] = np.random.default_rng(seed).random(found[::2].shape)
    return found


def test_a_true_map_is_far_better_than_chance_and_no_better_than_itself_for_all(faces):
    figures = judge(faces, maps_of(faces.classifier))
    for what in ("deletion", "insertion"):
        assert figures[what]["against_random"]["value"] > 2
        assert figures[what]["against_mean_map"]["value"] == pytest.approx(1)
    row = figures["deletion"]["0.2"]["gray"]
    assert row["map"] > 1
    assert row["flips"] == 1
    assert figures["correlation"] == pytest.approx(1)


def test_for_other_labels_the_same_images_are_not_read_again(faces):
    first = judge(faces, maps_of(faces.classifier))
    read = faces.classifier.images_read
    assert judge(faces.about(faces.labels), maps_of(faces.classifier)) == first
    assert faces.classifier.images_read == read
    other = judge(faces.about(1 - faces.labels), maps_of(faces.classifier))
    assert other["deletion"]["0.2"] != first["deletion"]["0.2"]
    assert faces.classifier.images_read == read


def test_the_worse_fill_counts(faces):
    figures = judge(faces, maps_of(faces.classifier))
    rises = {fill: row["map"] / row["random"] for fill, row in figures["deletion"]["0.2"].items()}
    worse = min(rises, key=rises.get)
    assert figures["deletion"]["against_random"]["fill"] == worse
    assert figures["deletion"]["against_random"]["value"] == pytest.approx(rises[worse], rel=0.05)
    low, high = figures["deletion"]["against_random"]["interval"]
    assert low <= figures["deletion"]["against_random"]["value"] <= high


def test_a_map_of_noise_is_no_better_than_chance(faces):
    noise = np.random.default_rng(4).random((COUNT, 48, 48)).astype(np.float32)
    figures = judge(faces, noise)
    assert abs(figures["correlation"]) < 0.1
    assert (
        figures["deletion"]["0.2"]["gray"]["map"]
        < 0.5 * deleted(faces, faces.classifier.mask()[None].repeat(COUNT, 0), "gray")[0].mean()
    )


def test_nothing_to_divide_by_is_said(faces):
    maps = np.zeros((COUNT, 48, 48), np.float32)
    maps[:, :12] = 1  # The forehead: nothing is read there, and deleting it changes nothing.
    figures = judge(faces, maps)
    assert figures["deletion"]["against_mean_map"] == {"value": None, "interval": None, "fill": None}


def test_first_places_are_the_highest_and_ties_are_spread():
    rising = np.arange(2304, dtype=np.float32).reshape(1, 48, 48)
    assert first_places(rising, 0.25)[0][36:].all()
    flat = first_places(np.ones((1, 48, 48), np.float32), 0.2)[0]
    assert flat.sum() == round(0.2 * 2304)
    assert 0.1 < flat[:24].mean() < 0.3


def test_random_places_have_the_share_of_the_area():
    assert blob(np.random.default_rng(0), (48, 48), 0.3).sum() == round(0.3 * 2304)


def test_the_correlation_of_one_map_is_no_number():
    assert np.isnan(correlation(np.ones((1, 4, 4), np.float32)))
    assert correlation(maps_of(SpotReader(), seed=1)) < 0.9


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("fer2013")
    tiny.write_images(root, training=1, tests=1)
    return root


def test_the_command_measures_writes_and_refuses(data, tmp_path, monkeypatch, capsys):
    shutil.copytree(SAVED / "attention_cnn", tmp_path / "saved" / "attention_cnn")
    monkeypatch.setattr(faithful, "SAVED", tmp_path / "saved")
    photos = write_photos(
        tmp_path / "photos", {"report/happy/001.jpg": portrait(), "report/sad/002.jpg": portrait()}
    )
    options = ["--data", str(data), "--model", "attention_cnn", "--images", "2"]
    assert main([*options, "--photos", str(photos), "--write"]) == 0
    report = json.loads((tmp_path / "saved" / "attention_cnn" / "report.json").read_text(encoding="utf-8"))
    sets = report["faithful"]["sets"]
    assert set(sets) == {"PrivateTest", "real_photos_report"}
    assert set(sets["PrivateTest"]) == {"occlusion", "occlusion_of_the_second", "attention"}
    assert sets["real_photos_report"]["occlusion"]["faces"] == 2
    assert "truths" in report
    assert "÷ random" in capsys.readouterr().out
    assert main([*options[:2], "--model", "upper_face"]) == 2
    assert "no saved model" in capsys.readouterr().err
    assert main(["--data", str(data / "none"), *options[2:]]) == 2
    with pytest.raises(SystemExit):
        main([*options[:2], "--images", "1"])


def test_a_model_of_a_part_of_the_face_is_refused(data, capsys):
    assert main(["--data", str(data), "--model", "upper_face"]) == 2
    assert "whole face" in capsys.readouterr().err
