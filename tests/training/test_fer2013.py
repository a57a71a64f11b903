"""FER-2013 in each of its layouts, and a specific error for each defect."""

import csv
import shutil
import tracemalloc
import zipfile

import cv2
import numpy as np
import pytest

from training.configs.schema import LABELS
from training.data import formats
from training.data.fer2013 import load_fer2013
from training.data.formats import CSV_LABELS, DatasetError

SPLIT_FOLDERS = {"Training": "train", "PublicTest": "test", "PrivateTest": "test"}


@pytest.fixture
def folder(tmp_path):
    """A tiny FER-2013 in Kaggle's layout: two images of each class in each split."""
    root = tmp_path / "fer2013"
    rng = np.random.default_rng(7)
    for split, part in SPLIT_FOLDERS.items():
        for index, label in enumerate(LABELS):
            place = root / part / label
            place.mkdir(parents=True, exist_ok=True)
            for number in range(2):
                image = rng.integers(0, 256, (48, 48), np.uint8)
                cv2.imwrite(str(place / f"{split}_{index}{number}.jpg"), image)
    return root


def zipped(folder, path):
    with zipfile.ZipFile(path, "w") as archive:
        for file in sorted(folder.rglob("*.jpg")):
            archive.write(file, file.relative_to(folder).as_posix())
    return path


def test_a_folder_is_read_with_its_official_split(folder):
    data = load_fer2013(folder)
    for split in (data.training, data.public_test, data.private_test):
        assert split.images.shape == (14, 48, 48)
        assert split.images.dtype == np.uint8
        assert split.class_counts() == dict.fromkeys(LABELS, 2)
    assert all("PrivateTest_" in name for name in data.private_test.names)
    assert len(data.test()) == 28


def test_the_zip_gives_the_same_as_its_unpacked_folder(folder, tmp_path):
    one, other = load_fer2013(folder), load_fer2013(zipped(folder, tmp_path / "archive.zip"))
    assert one.fingerprint == other.fingerprint
    assert one.training.names == other.training.names


def test_the_csv_maps_its_own_class_numbers(folder, tmp_path):
    expected = load_fer2013(folder)
    path = tmp_path / "fer2013.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["emotion", "pixels", "Usage"])
        for name, split in (
            ("Training", expected.training),
            ("PublicTest", expected.public_test),
            ("PrivateTest", expected.private_test),
        ):
            for image, label in zip(split.images, split.labels, strict=True):
                pixels = " ".join(str(value) for value in image.ravel())
                writer.writerow([CSV_LABELS.index(LABELS[label]), pixels, name])
    assert load_fer2013(path).fingerprint == expected.fingerprint
    # A folder that holds the csv is understood too.
    assert load_fer2013(tmp_path.parent / tmp_path.name).fingerprint == expected.fingerprint


def test_twins_of_training_images_are_left_out(folder):
    shutil.copy(
        folder / "train" / "sad" / "Training_50.jpg", folder / "test" / "happy" / "PrivateTest_30.jpg"
    )
    data = load_fer2013(folder)
    assert len(data.private_test) == 14
    without = data.private_test_deduplicated()
    assert len(without) == 13
    assert "test/happy/PrivateTest_30.jpg" not in without.names


def test_the_fingerprint_sees_one_changed_image(folder):
    before = load_fer2013(folder).fingerprint
    cv2.imwrite(str(folder / "train" / "sad" / "Training_50.jpg"), np.zeros((48, 48), np.uint8))
    assert load_fer2013(folder).fingerprint != before


def test_nothing_there(tmp_path):
    with pytest.raises(DatasetError, match=r"nothing at .*gone\.zip.*Kaggle"):
        load_fer2013(tmp_path / "gone.zip")


def test_an_empty_folder(tmp_path):
    with pytest.raises(DatasetError, match="holds no FER-2013 image"):
        load_fer2013(tmp_path)


def test_another_kind_of_file(tmp_path):
    path = tmp_path / "fer2013.tar"
    path.touch()
    with pytest.raises(DatasetError, match=r"neither a folder, a \.zip, a \.csv nor an \.npz"):
        load_fer2013(path)


def test_a_broken_zip(folder, tmp_path):
    path = zipped(folder, tmp_path / "archive.zip")
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(DatasetError, match="not a complete zip"):
        load_fer2013(path)


def test_an_entry_that_unpacks_to_much_more_is_refused_unread(folder, tmp_path):
    path = zipped(folder, tmp_path / "archive.zip")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train/sad/Training_99.jpg", bytes(100_000_000))
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match=r"Training_99\.jpg unpacks to more than 64 kB"):
            load_fer2013(path)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()


def test_many_entries_that_unpack_to_much_more_are_refused(folder, tmp_path, monkeypatch):
    path = zipped(folder, tmp_path / "archive.zip")
    monkeypatch.setattr(formats, "TOTAL_BYTES", 20_000)
    with pytest.raises(DatasetError, match=r"archive\.zip unpacks to more than"):
        load_fer2013(path)


def test_arrays_that_unpack_to_much_more_are_refused_unread(tmp_path, monkeypatch):
    path = tmp_path / "fer2013.npz"
    np.savez_compressed(path, Training_images=np.zeros((1_000, 48, 48), np.uint8))
    monkeypatch.setattr(formats, "TOTAL_BYTES", 20_000)
    with pytest.raises(DatasetError, match=r"fer2013\.npz unpacks to more than"):
        load_fer2013(path)


def test_a_missing_class(folder):
    shutil.rmtree(folder / "train" / "disgust")
    with pytest.raises(DatasetError, match="Training has no image of disgust"):
        load_fer2013(folder)


def test_a_missing_split(folder):
    for file in folder.rglob("PrivateTest_*"):
        file.unlink()
    with pytest.raises(DatasetError, match="PrivateTest has no image of angry"):
        load_fer2013(folder)


def test_an_unknown_class(folder, caplog):
    (folder / "train" / "sad").rename(folder / "train" / "gloomy")
    with pytest.raises(
        DatasetError, match=r"Training has no image of sad\. Is it complete, and do its folders"
    ):
        load_fer2013(folder)
    assert "left out 2 pictures that lie in no folder named like a class" in caplog.text
    assert "train/gloomy/Training_" in caplog.text


def test_a_file_without_its_split(folder):
    (folder / "train" / "sad" / "Training_50.jpg").rename(folder / "train" / "sad" / "im50.jpg")
    with pytest.raises(DatasetError, match="official split is unknown"):
        load_fer2013(folder)


@pytest.mark.parametrize("content", [b"", b"not a picture"])
def test_a_corrupt_image(folder, content):
    (folder / "train" / "sad" / "Training_50.jpg").write_bytes(content)
    with pytest.raises(DatasetError, match=r"train/sad/Training_50\.jpg is not a readable image"):
        load_fer2013(folder)


def test_a_wrong_size(folder):
    cv2.imwrite(str(folder / "train" / "sad" / "Training_50.jpg"), np.zeros((40, 64), np.uint8))
    with pytest.raises(DatasetError, match="64×40 pixels instead of 48×48"):
        load_fer2013(folder)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (["0", "1 2 3", "Training"], "3 pixels instead"),
        (["9", " ".join(["0"] * 2304), "Training"], "line 2: emotion is '9', not a number from 0 to 6"),
        (["0", " ".join(["0"] * 2304), "Validation"], "unknown split"),
        (["0", " ".join(["300"] * 2304), "Training"], "a pixel is 300, not a whole number from 0 to 255"),
    ],
)
def test_a_bad_row(tmp_path, row, reason):
    path = tmp_path / "fer2013.csv"
    path.write_text("emotion,pixels,Usage\n" + ",".join(row) + "\n")
    with pytest.raises(DatasetError, match=reason):
        load_fer2013(path)


def test_a_csv_of_something_else(tmp_path):
    path = tmp_path / "other.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(DatasetError, match="lacks emotion, pixels, Usage among the columns"):
        load_fer2013(path)
