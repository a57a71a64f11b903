"""The command line: output, written files, exit codes."""

import csv
import io
import json

import numpy as np
import pytest
from PIL import Image

from model.cli import main
from model.faces.quality import assess
from model.photo.load import load_photo
from model.recognizer import DEFAULT_MODEL
from model.store.files import SavedModelError
from model.types import (
    LANDMARK_NAMES,
    Analysis,
    Face,
    FaceCrop,
    FaceResult,
    ModelIdentity,
    Prediction,
    Timings,
)

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


class OneFaceReader:
    """A stand-in for the Recognizer that finds one happy face in every photo wider than 50 pixels."""

    names = ("stand-in",)
    labels = LABELS
    explained = ("stand-in",)

    def analyze(self, photo, *, rotate=True):
        decoded = load_photo(photo)
        face = Face((10.0, 10.0, 30.0, 30.0), dict.fromkeys(LANDMARK_NAMES, (25.0, 25.0)), 0.99)
        shares = np.array([0.02, 0.01, 0.02, 0.85, 0.05, 0.02, 0.03], np.float32)
        prediction = Prediction(LABELS, np.log(shares), shares, np.eye(12, dtype=np.float32), 0.5)
        square = decoded.pixels[10:40, 10:40]
        crop = FaceCrop(square, (10.0, 10.0, 30.0, 30.0), square, 0.0)
        pixels = np.full((48, 48), 77, np.uint8)
        reading = FaceResult(face, crop, pixels, prediction, assess(face, crop, pixels))
        return [
            Analysis(
                photo=decoded,
                faces=(reading,) if decoded.width > 50 else (),
                timings_ms=Timings(1.0, 2.0, 3.0),
                model=ModelIdentity("stand-in", "0"),
            )
        ]

    def look(self, pixels):
        return self.analyze(pixels)[0]

    def explain(self, model, reading, expression):
        return np.eye(48, dtype=np.float32)


def call(*arguments):
    return main([str(argument) for argument in arguments], loader=lambda name, detector: OneFaceReader())


def picture(path, width=80, height=60):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (width, height), "gray").save(path, "PNG")
    return path


@pytest.fixture
def photos(tmp_path):
    """A photo with a face, one without, and one that cannot be read."""
    bad = tmp_path / "bad.jpg"
    bad.write_text("no picture at all")
    return [picture(tmp_path / "face.png"), bad, picture(tmp_path / "empty wall.png", 40, 40)]


def test_json_has_one_object_for_each_photo_in_the_order_given(photos, capsys):
    assert call("--format", "json", *photos) == 1
    results = json.loads(capsys.readouterr().out)
    assert [result["photo"] for result in results] == [str(photo) for photo in photos]
    face, bad, wall = results
    assert face["faces"][0]["emotion"] == "happy"
    assert (face["width"], face["height"]) == (80, 60)
    assert list(bad) == ["photo", "error"]
    assert "JPEG, PNG, WebP, HEIC, AVIF, GIF or BMP" in bad["error"]
    assert wall["faces"] == []


def test_csv(photos, capsys):
    assert call("--format", "csv", *photos) == 1
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [(row["face"], row["emotion"], bool(row["error"])) for row in rows] == [
        ("1", "happy", False),
        ("", "", True),
        ("", "", False),
    ]


def test_table_is_what_is_printed_without_a_format(photos, capsys):
    assert call(*photos) == 1
    printed = capsys.readouterr().out
    assert "happy" in printed
    assert "85.0%" in printed
    assert "no face found" in printed
    assert "error: This is not a picture" in printed


def test_photos_that_can_be_read_give_success_with_or_without_faces(photos):
    assert call(photos[0], photos[2]) == 0
    assert call(photos[2]) == 0


def test_missing_photo_is_a_result_and_the_others_still_run(photos, tmp_path, capsys):
    assert call("--format", "json", tmp_path / "nothing.jpg", photos[0]) == 1
    missing, face = json.loads(capsys.readouterr().out)
    assert "no file" in missing["error"]
    assert len(face["faces"]) == 1


def test_one_photo_of_one_pixel(tmp_path, capsys):
    assert call("--format", "json", "--stages", tmp_path / "out", picture(tmp_path / "dot.png", 1, 1)) == 0
    assert json.loads(capsys.readouterr().out)[0]["faces"] == []


# --- stages ------------------------------------------------------------------------------------------------


def test_stages_are_written_as_pictures(photos, tmp_path):
    out = tmp_path / "new" / "out"
    assert call("--stages", out, *photos) == 1
    assert sorted(str(path.relative_to(out)) for path in out.rglob("*.png")) == [
        "empty_wall/photo.png",
        "face/face-1-attention.png",
        "face/face-1-crop.png",
        "face/face-1-input.png",
        "face/face-1-level.png",
        "face/photo.png",
    ]
    with Image.open(out / "face/face-1-input.png") as image:
        assert (image.size, image.mode) == ((48, 48), "L")
        assert np.all(np.asarray(image) == 77)
    with (
        Image.open(out / "face/face-1-crop.png") as crop,
        Image.open(out / "face/face-1-attention.png") as attention,
    ):
        assert crop.size == attention.size == (30, 30)
        assert crop.tobytes() != attention.tobytes()


def test_photos_of_the_same_name_do_not_overwrite_each_other(tmp_path):
    names = ["a/face.png", "b/face.png", "c/FACE.png", "c/face-2.png", "d/face.jpg"]
    out = tmp_path / "out"
    assert call("--stages", out, *(picture(tmp_path / name) for name in names)) == 0
    folders = [folder.name.casefold() for folder in out.iterdir()]
    assert len(set(folders)) == len(names)
    assert all((folder / "photo.png").is_file() for folder in out.iterdir())


def test_odd_names_stay_inside_the_folder(tmp_path):
    names = ["...png", "Фото é.png", "a\nb;$(x).png", "-.png", "n" * 200 + ".png"]
    out = tmp_path / "out"
    assert call("--stages", out, *(picture(tmp_path / "in" / name) for name in names)) == 0
    assert len(list(out.glob("*/photo.png"))) == len(names)
    assert (out / "Фото_é" / "photo.png").is_file()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in", "out"]


def test_stages_in_a_folder_that_exists(photos, tmp_path):
    out = tmp_path / "out"
    assert call("--stages", out, photos[0]) == call("--stages", out, photos[0]) == 0
    assert [folder.name for folder in out.iterdir()] == ["face"]


def test_stages_that_cannot_be_written(photos, tmp_path, capsys):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "face").write_text("in the way")
    assert call("--stages", tmp_path / "out", photos[0]) == 2
    assert "cannot write" in capsys.readouterr().err


# --- mistakes in the command -------------------------------------------------------------------------------


def test_stages_pointing_at_a_file(photos, capsys):
    with pytest.raises(SystemExit) as end:
        call("--stages", photos[0], photos[0])
    assert end.value.code == 2
    assert "is a file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([], "at least one photo"),
        (["--format", "xml", "a.jpg"], "choose from"),
        (["--colour", "a.jpg"], "unrecognized"),
        (["-", "-"], "only once"),
        (["--version", "--model", "all"], "of one model"),
    ],
)
def test_bad_usage(arguments, words, capsys):
    with pytest.raises(SystemExit) as end:
        call(*arguments)
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert words in printed.err
    assert printed.out == ""


def test_what_spoke_for_the_answer_is_written_as_a_picture(photos, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert call(photos[0], photos[2], "--explain") == 0
    assert call(photos[0], "--stages", "out", "--explain", "sad") == 0
    assert sorted(str(path) for path in tmp_path.rglob("*-face-1-*.png")) == [
        str(tmp_path / "face-face-1-happy.png"),
        str(tmp_path / "out/face-face-1-sad.png"),
    ]
    with Image.open(tmp_path / "face-face-1-happy.png") as picture:
        orange = np.asarray(picture, int)
    assert orange[5, 5, 0] > orange[5, 5, 2] + 100
    assert len(set(orange[5, 400])) == 1, "gray where nothing pointed to it"


def test_an_expression_that_no_model_knows_is_refused(photos, capsys):
    with pytest.raises(SystemExit) as end:
        call("--explain", photos[0])
    assert end.value.code == 2
    assert "photos go before --explain" in capsys.readouterr().err


def test_explaining_a_model_of_face_points_is_a_mistake_in_the_command(photos, monkeypatch, capsys):
    monkeypatch.setattr(OneFaceReader, "explained", ())
    with pytest.raises(SystemExit) as end:
        call("--model", "landmarks", photos[0], "--explain")
    assert end.value.code == 2
    printed = capsys.readouterr()
    assert "landmarks reads the points of a face mesh" in printed.err
    assert printed.out == ""


def test_of_several_models_one_that_cannot_be_explained_still_answers(photos, tmp_path, monkeypatch, capsys):
    def refuse(self, model, reading, expression):
        raise ValueError("it reads face points")

    monkeypatch.setattr(OneFaceReader, "explain", refuse)
    assert call(photos[0], "--stages", tmp_path / "out", "--explain") == 0
    printed = capsys.readouterr()
    assert "happy" in printed.out
    assert "no picture: it reads face points" in printed.err


def test_model_that_cannot_be_loaded(photos, capsys, monkeypatch):
    def fail(name, detector):
        raise SavedModelError("its weights are not those of the metadata.")

    monkeypatch.setattr("model.cli.program.available_models", lambda: [DEFAULT_MODEL])
    with pytest.raises(SystemExit) as end:
        main([str(photos[0])], loader=fail)
    assert end.value.code == 2
    assert f"{DEFAULT_MODEL} cannot be used: its weights" in capsys.readouterr().err


def test_help_shows_examples_and_exit_codes(capsys):
    with pytest.raises(SystemExit) as end:
        call("--help")
    assert end.value.code == 0
    printed = capsys.readouterr().out
    for word in ("--format", "--stages", "--model", "examples:", "exit code", "python -m model family.jpg"):
        assert word in printed
