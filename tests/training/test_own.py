"""One's own pictures: read, split without near-duplicates across, trained on, and the model loaded by the site."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from model import ModelRegistry
from model.store.files import SAVED
from tests.helpers.photos import portrait
from training.data.formats import DatasetError
from training.data.near_duplicates import groups_of
from training.data.own import is_own, load_own
from training.train import main
from webapp import create_app
from webapp.settings import Settings

ROOT = Path(__file__).parents[2]
CLASSES = ("Grinning", "bored", "très surpris")


def picture(index, rng):
    """A made picture of a class: stripes of its own direction and width, noise, any size and colour."""
    side = int(rng.integers(50, 120))
    rows, columns = np.mgrid[0:side, 0:side] / side
    wave = (rows, columns, rows + columns)[index] * (4 + 3 * index) + rng.uniform(0, 6)
    gray = 128 + 60 * np.sin(2 * np.pi * wave) + rng.normal(0, 25, (side, side))
    return np.clip(gray[..., None] * rng.uniform(0.6, 1.0, 3), 0, 255).astype(np.uint8)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three classes of twenty made pictures, JPEG and PNG, and what people have lying about."""
    root = tmp_path_factory.mktemp("data") / "My faces"
    rng = np.random.default_rng(5)
    for index, label in enumerate(CLASSES):
        (root / label).mkdir(parents=True)
        for number in range(20):
            suffix = "jpg" if number % 2 else "png"
            Image.fromarray(picture(index, rng)).save(root / label / f"{number:02}.{suffix}")
    (root / "bored" / "notes.txt").write_text("not a picture")
    (root / "bored" / ".DS_Store").write_bytes(b"x")
    (root / "empty").mkdir()
    return root


def test_a_folder_of_classes_is_told_from_fer2013(folder, tmp_path):
    assert is_own(folder)
    for part in ("train", "test"):
        (tmp_path / part / "happy").mkdir(parents=True)
        (tmp_path / part / "happy" / "a.jpg").write_bytes(b"x")
    assert not is_own(tmp_path)
    assert not is_own(tmp_path / "train" / "happy" / "a.jpg")


def test_the_splits_are_eighty_ten_ten_of_each_class(folder, caplog):
    data = load_own(folder, cropped=True)
    assert data.own
    assert data.training.classes == CLASSES
    for split, number in ((data.training, 16), (data.public_test, 2), (data.private_test, 2)):
        assert split.images.shape[1:] == (48, 48)
        assert list(split.class_counts().values()) == [number] * 3
    assert "Left out 1: they are no pictures that can be read: bored/notes.txt" in caplog.text
    names = [*data.training.names, *data.public_test.names, *data.private_test.names]
    assert len(set(names)) == 60
    assert load_own(folder, cropped=True).fingerprint == data.fingerprint
    assert load_own(folder, cropped=True, seed=1).private_test.names != data.private_test.names


def test_near_duplicates_stay_in_one_split(folder, tmp_path):
    root = tmp_path / "copies"
    for label in CLASSES:
        (root / label).mkdir(parents=True)
        for number, path in enumerate(sorted((folder / label).glob("[01]*"))):
            image = Image.open(path)
            image.save(root / label / f"{number:02}.png")
            larger = image.resize((image.width * 2, image.height * 2), Image.Resampling.BICUBIC)
            larger.save(root / label / f"{number:02} copy.jpg", quality=60)
    data = load_own(root, cropped=True)
    for split in (data.training, data.public_test, data.private_test):
        originals = {name.replace(" copy.jpg", ".png") for name in split.names}
        assert len(split) == 2 * len(originals)


def test_groups_are_of_pictures_that_look_alike():
    rng = np.random.default_rng(1)
    faces = [cv2.GaussianBlur(rng.integers(0, 256, (48, 48), np.uint8), (0, 0), 2) for _ in range(4)]
    brighter = np.clip(faces[0].astype(int) + 12, 0, 255).astype(np.uint8)
    assert sorted(groups_of(np.stack([*faces, brighter]))) == [[0, 4], [1], [2], [3]]


def test_faces_are_found_and_cropped_as_the_site_does_it(tmp_path, caplog):
    root = tmp_path / "photos"
    photo = portrait()
    for label, sign in (("one", 1), ("two", -1)):
        (root / label).mkdir(parents=True)
        for number in range(10):
            moved = np.roll(photo[:, ::sign], 3 * number, axis=1)
            bright = np.clip(moved.astype(np.float32) * (1 - 0.04 * number), 0, 255).astype(np.uint8)
            Image.fromarray(bright).save(root / label / f"{number}.png")
    Image.new("RGB", (200, 200)).save(root / "one" / "wall.png")
    # All ten of a class are one picture in another light.
    with pytest.raises(DatasetError, match="look so much alike that none is left for"):
        load_own(root)
    assert "Left out 1: no face was found in them (--cropped takes pictures that are faces)" in caplog.text
    assert "one/wall.png" in caplog.text


def test_what_is_no_data_of_ones_own_is_named(folder, tmp_path):
    with pytest.raises(DatasetError, match=r"has 0 folders of pictures; .* 2 to 20 classes"):
        load_own(tmp_path)
    few = tmp_path / "few"
    for label in ("a", "b"):
        (few / label).mkdir(parents=True)
        Image.new("RGB", (60, 60)).save(few / label / "1.png")
    with pytest.raises(DatasetError, match="the class a has 0 usable pictures; it needs 10"):
        load_own(few, cropped=True)  # The same black picture lies in both.
    with pytest.raises(DatasetError, match="is no folder with"):
        load_own(few / "a" / "1.png")


def test_votes_and_other_inputs_are_refused(folder, tmp_path, capsys):
    votes = ["--votes", str(tmp_path / "votes.csv")]
    assert main(["--data", str(folder), "--runs", str(tmp_path), *votes]) == 2
    assert "no votes of one's own pictures" in capsys.readouterr().err
    assert main(["--data", str(folder), "--runs", str(tmp_path), "--configuration", "upper_face"]) == 2
    assert "which is known of FER-2013 only" in capsys.readouterr().err


@pytest.fixture(scope="module")
def trained(folder, tmp_path_factory):
    """A saved model of ``folder`` after two epochs, beside the detector."""
    root = tmp_path_factory.mktemp("trained")
    (root / "saved").mkdir()
    (root / "saved" / "mtcnn").symlink_to(SAVED / "mtcnn")
    options = ["--data", str(folder), "--cropped", "--configuration", "reference", "--epochs", "2"]
    places = ["--runs", str(root / "runs"), "--out", str(root / "saved"), "--plots", str(root / "plots")]
    command = [sys.executable, "-m", "training.train", *options, *places]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=600)
    return root / "saved"


def test_the_saved_model_says_what_it_learned(trained):
    metadata = json.loads((trained / "my_faces" / "metadata.json").read_text())
    assert metadata["labels"] == list(CLASSES)
    assert metadata["target"] == "own"
    assert metadata["data"]["name"] == "My faces (own pictures)"
    assert "tells Grinning, bored, très surpris apart" in metadata["description"]
    report = json.loads((trained / "my_faces" / "report.json").read_text())
    assert report["truths"]["own"]["PrivateTest"]["images"] == 6


def test_the_site_reads_a_photo_with_it(trained):
    models = ModelRegistry.load("my_faces", root=trained)
    client = create_app(Settings(secret_key="k" * 32, testing=True), models).test_client()
    photo = io.BytesIO()
    Image.fromarray(portrait()).save(photo, "PNG")
    answer = client.post("/api/v1/analyze", data={"photo": (io.BytesIO(photo.getvalue()), "me.png")})
    (face,) = answer.get_json()[0]["faces"]
    assert set(face["probabilities"]) == set(CLASSES)
    card = client.get("/model").text
    assert "the folder that the picture would lie in" in card
    assert "My faces (own pictures)" in card
    assert "Goodfellow" not in card
    assert "très surpris" in card
    assert [model["name"] for model in client.get("/api/v1/models").get_json()] == ["my_faces"]
