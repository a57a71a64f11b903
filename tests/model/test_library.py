"""The library: whatever holds a photo is read, many at a time, and plain values, tables and pictures come out."""

from __future__ import annotations

import io
import json
import pickle
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import PhotoError, Recognizer, SavedModelError, UnknownModelError, load_photo, to_pandas
from model.photo.errors import EmptyPhoto, UnreadablePath, UnsupportedArray
from model.photo.many import in_batches, pictures_in


@pytest.fixture
def folder(tmp_path, portrait_jpeg):
    """Two photos of a face, one of them in a folder within; one that is broken; what systems leave behind."""
    (tmp_path / "day 2" / "__MACOSX").mkdir(parents=True)
    (tmp_path / "a.JPG").write_bytes(portrait_jpeg)
    (tmp_path / "day 2" / "c.img").write_bytes(portrait_jpeg)
    (tmp_path / "day 2" / "b.jpeg").write_bytes(portrait_jpeg)
    (tmp_path / "broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    for junk in ("._a.JPG", "notes.txt", "day 2/__MACOSX/b.jpeg", "Thumbs.db"):
        (tmp_path / junk).write_bytes(b"not a photo")
    return tmp_path


def emotions(analysis):
    return [face.prediction.emotion for face in analysis.faces]


# --- one photo ---------------------------------------------------------------------------------------------


def test_whatever_holds_the_photo_gives_the_same_answer(recognizer, portrait_jpeg, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    path = tmp_path / "photo.jpg"
    path.write_bytes(portrait_jpeg)
    image = Image.open(io.BytesIO(portrait_jpeg))
    pixels = np.asarray(image.convert("RGB"))
    opaque = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    with path.open("rb") as file:
        sources = [portrait_jpeg, bytearray(portrait_jpeg), path, str(path), "~/photo.jpg", file]
        sources += [io.BytesIO(portrait_jpeg), image, pixels, opaque]
        answers = [recognizer.analyze(source) for source in sources]
    unit = recognizer.analyze((pixels / 255).astype(np.float32), scale="unit")
    first = answers[0].to_dict()["faces"]
    assert len(first) == 1
    assert all(answer.to_dict()["faces"] == first for answer in [*answers, unit])


def test_gray_and_transparent_pictures_are_read():
    gray = np.arange(0, 200, dtype=np.uint8).reshape(10, 20)
    for array in (gray, gray[..., None]):
        assert np.array_equal(load_photo(array).pixels, np.repeat(gray[..., None], 3, axis=-1))
    clear = np.zeros((4, 5, 4), np.uint8)
    assert np.all(load_photo(clear).pixels == 255), "what is transparent is white"
    assert np.all(load_photo(Image.fromarray(clear)).pixels == 255)


def test_a_pillow_image_is_turned_as_its_file_would_be():
    tall = Image.new("RGB", (10, 20))
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    tall.save(buffer, "JPEG", exif=exif)
    from_file, from_image = load_photo(buffer.getvalue()), load_photo(Image.open(buffer))
    assert from_file.pixels.shape == from_image.pixels.shape == (10, 20, 3)
    assert from_image.oriented
    assert np.array_equal(from_file.pixels, from_image.pixels)


def test_a_pillow_image_that_cannot_be_read_is_refused(portrait_jpeg):
    with pytest.raises(PhotoError, match="Pillow cannot read this image"):
        load_photo(Image.open(io.BytesIO(portrait_jpeg[:4000])))
    with pytest.raises(EmptyPhoto):
        load_photo(Image.new("RGB", (0, 5)))


@pytest.mark.parametrize(
    ("array", "scale", "words"),
    [
        (np.zeros((5, 5, 3), np.float32), None, 'say scale="unit"'),
        (np.full((5, 5, 3), 255.0), "unit", "0 to 1; these are 255 to 255"),
        (np.full((5, 5), np.nan), "unit", "0 to 1; these are nan"),
        (np.zeros((5, 5, 3), np.uint8), "unit", "for floats"),
        (np.zeros((5, 5, 3), np.uint16), None, "is uint8, 0 to 255; this one is uint16"),
        (np.zeros((3, 5, 5), np.uint8), None, "Convert it first"),
    ],
)
def test_arrays_of_another_range_are_mistakes_that_name_the_way_out(array, scale, words):
    with pytest.raises(UnsupportedArray, match=words) as refusal:
        load_photo(array, scale=scale)
    assert isinstance(refusal.value, ValueError)
    assert isinstance(refusal.value, PhotoError)


def test_scale_is_for_arrays_and_unit_alone(portrait_jpeg):
    with pytest.raises(ValueError, match="scale is about an array"):
        load_photo(portrait_jpeg, scale="unit")
    with pytest.raises(ValueError, match="'bytes'"):
        load_photo(np.zeros((5, 5, 3)), scale="bytes")


class Tensor:
    """What other libraries keep pixels in."""

    def __array__(self, *arguments, **options):
        return np.zeros((5, 5, 3), np.uint8)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "not NoneType"),
        (["a.jpg"], "not list: analyze_many reads several"),
        (Tensor(), r"not Tensor: convert it with numpy\.asarray"),
        (io.StringIO("text"), 'opened with mode "rb"'),
    ],
)
def test_a_wrong_type_names_the_way_out(source, words):
    with pytest.raises(TypeError, match=words):
        load_photo(source)


def test_a_closed_file_is_named(tmp_path, portrait_jpeg):
    (tmp_path / "photo.jpg").write_bytes(portrait_jpeg)
    with (tmp_path / "photo.jpg").open("rb") as file:
        pass
    with pytest.raises(UnreadablePath, match="Open it anew"):
        load_photo(file)


def test_an_unknown_model_or_detector_names_those_there_are():
    with pytest.raises(UnknownModelError, match=r"“deepest”.*there are: attention_cnn, ") as refusal:
        Recognizer.load("deepest")
    assert isinstance(refusal.value, SavedModelError)
    with pytest.raises(ValueError, match="no detector 'yolo'; there are: mtcnn, haar"):
        Recognizer.load(detector="yolo")
    with pytest.raises(TypeError, match="a detector is one of mtcnn, haar, or an object"):
        Recognizer.load(detector=5)


# --- many photos -------------------------------------------------------------------------------------------


def test_a_folder_is_read_with_those_in_it_and_nothing_ends_it(recognizer, folder):
    answers = list(recognizer.analyze_many(folder, batch=2))
    names = [Path(answer.name).relative_to(folder).as_posix() for answer in answers]
    assert names == ["a.JPG", "broken.png", "day 2/b.jpeg"]
    assert [len(answer.faces) for answer in answers] == [1, 0, 1]
    assert [answer.error is None for answer in answers] == [True, False, True]
    assert answers[1].to_dict() == {"photo": str(folder / "broken.png"), "error": answers[1].error.message}


def test_lists_hold_anything_and_folders_too(recognizer, folder, portrait_jpeg):
    given = [portrait_jpeg, folder / "day 2", "nothing.jpg", np.zeros((60, 60), np.uint8)]
    answers = list(recognizer.analyze_many(given))
    names = [answer.name for answer in answers]
    assert names == ["photo 1", str(folder / "day 2/b.jpeg"), "nothing.jpg", "photo 4"]
    assert emotions(answers[0]) == emotions(answers[1])
    with pytest.raises(TypeError, match="analyze_many"):
        list(recognizer.analyze_many([["a.jpg"]]))
    with pytest.raises(ValueError, match="at least 1, not 0"):
        recognizer.analyze_many([], batch=0)


@pytest.mark.parametrize(
    ("glob", "found"),
    [
        ("*.img", ["day 2/c.img"]),
        ("day 2/*", ["day 2/b.jpeg", "day 2/c.img"]),
        ("*", ["a.JPG", "broken.png", "notes.txt", "day 2/b.jpeg", "day 2/c.img"]),
        ("*.tif", []),
    ],
)
def test_a_glob_chooses_other_files(folder, glob, found):
    assert [Path(path).relative_to(folder).as_posix() for path in pictures_in(folder, glob)] == found


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UnreadablePath, match="cannot be listed"):
        list(pictures_in(tmp_path / "nothing"))


def test_no_more_than_a_batch_is_under_way():
    taken = []

    def numbers():
        for number in range(100):
            taken.append(number)
            yield (number,)

    doubled = in_batches(lambda number: 2 * number, numbers(), 3)
    assert [next(doubled) for _ in range(5)] == [0, 2, 4, 6, 8]
    assert len(taken) <= 5 + 3


# --- what comes out ----------------------------------------------------------------------------------------


def test_values_are_pythons_own(recognizer, portrait_jpeg):
    analysis = recognizer.analyze(portrait_jpeg)
    document = analysis.to_dict()
    assert json.loads(json.dumps(document, allow_nan=False)) == document
    assert document["photo"] == "photo"


def test_an_analysis_goes_to_another_process_and_back(recognizer, portrait_jpeg):
    answers = list(recognizer.analyze_many([portrait_jpeg, b""]))
    copies = pickle.loads(pickle.dumps(answers))  # noqa: S301  # pickled here
    assert [copy.to_dict() for copy in copies] == [answer.to_dict() for answer in answers]


def test_a_table_has_a_row_for_each_face_and_each_photo_without(recognizer, portrait_jpeg, empty_png):
    pandas = pytest.importorskip("pandas")
    answers = list(recognizer.analyze_many([portrait_jpeg, empty_png, b""]))
    table = to_pandas(answers)
    assert table["photo"].to_list() == ["photo 1", "photo 2", "photo 3"]
    assert table["face"].isna().to_list() == [False, True, True]
    assert table["happy"].dtype == np.float64
    assert table["happy"][0] == pytest.approx(answers[0].faces[0].prediction.confidence, abs=1e-5)
    assert "empty" in table["error"][2]
    assert to_pandas([answer.to_dict() for answer in answers]).equals(table)
    assert isinstance(answers[0].to_pandas(), pandas.DataFrame)
    assert len(answers[2].to_pandas()) == 1
    assert to_pandas([]).empty


def test_without_pandas_a_sentence_says_what_to_do(recognizer, empty_png, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"pip install pandas, or use to_dict\(\)"):
        recognizer.analyze(empty_png).to_pandas()


def test_stages_of_another_photo_are_never_overwritten(recognizer, portrait_jpeg, empty_png, tmp_path):
    (tmp_path / "b").mkdir()
    for name in ("a.jpg", "b/a.jpg"):
        (tmp_path / name).write_bytes(portrait_jpeg)
    first = recognizer.analyze(tmp_path / "a.jpg")
    folders = [
        analysis.save_stages(tmp_path / "out").name
        for analysis in (first, recognizer.analyze(tmp_path / "b" / "a.jpg"), first)
    ]
    assert folders == ["a", "a-2", "a"]
    unnamed = [recognizer.analyze(content) for content in (portrait_jpeg, empty_png, portrait_jpeg)]
    assert [each.save_stages(tmp_path / "out").name for each in unnamed] == ["photo", "photo-2", "photo"]
    assert len(list((tmp_path / "out" / "a").iterdir())) == 5


def test_a_folder_of_somebody_elses_is_left_as_it_is(recognizer, portrait_jpeg, tmp_path):
    (tmp_path / "out" / "photo").mkdir(parents=True)
    Image.new("RGB", (5, 5)).save(tmp_path / "out" / "photo" / "holiday.png")
    assert recognizer.analyze(portrait_jpeg).save_stages(tmp_path / "out").name == "photo-2"
    assert [path.name for path in (tmp_path / "out" / "photo").iterdir()] == ["holiday.png"]
