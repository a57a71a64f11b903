"""JSON, CSV and the text table have the same content, plain types and rounded numbers."""

import csv
import io
import json
from dataclasses import replace

import numpy as np
import pytest

from model.output.serialize import analysis_to_dict, error_to_dict
from model.output.tables import csv_header, csv_rows, csv_text, table_text
from model.photo.load import CorruptPhoto
from model.types import (
    LANDMARK_NAMES,
    Analysis,
    Face,
    FaceCrop,
    FaceResult,
    ModelIdentity,
    Photo,
    Prediction,
    Quality,
    Timings,
)

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
HAPPY = np.array([0.01, 0.001, 0.02, 0.9, 0.029, 0.01, 0.03], np.float32)
SQUARE = np.zeros((60, 60, 3), np.uint8)
TORN = np.array([0.2, 0.01, 0.19, 0.1, 0.3, 0.1, 0.1], np.float32)


def reading(probabilities, box=(10.04, 20.06, 100.123, 120.5)):
    x, y, width, height = box
    points = {
        name: (np.float32(x + width * i / 5), np.float32(y + height * i / 5))
        for i, name in enumerate(LANDMARK_NAMES, start=1)
    }
    return FaceResult(
        face=Face(box=tuple(np.float32(v) for v in box), landmarks=points, score=np.float32(0.99871234)),
        crop=FaceCrop(SQUARE, square=(5.0, 15.0, 60.0, 60.0), aligned=SQUARE, roll=3.04),
        network_input=np.zeros((48, 48), np.uint8),
        prediction=Prediction(
            labels=LABELS,
            logits=np.log(probabilities),
            probabilities=probabilities,
            attention=np.full((12, 12), 0.5, np.float32),
            threshold=0.5,
        ),
        quality=Quality(100.123, 0.7512, 129.44, 53.7, 3.04, 0.9987, ("tilted",), 0.0123),
    )


def analysis(*faces):
    return Analysis(
        photo=Photo(np.zeros((480, 640, 3), np.uint8), "JPEG"),
        faces=tuple(replace(each, number=number) for number, each in enumerate(faces, start=1)),
        timings_ms=Timings(decode=1.2345, detect=np.float64(20.06), classify=2.0),
        model=ModelIdentity("attention_cnn", "1.0.0"),
    )


ERROR = CorruptPhoto("This JPEG file is cut off, copy it again.")


def test_json_shape():
    result = json.loads(json.dumps(analysis_to_dict("a.jpg", analysis(reading(HAPPY)))))
    assert list(result) == [
        "photo",
        "width",
        "height",
        "faces",
        "timings_ms",
        "model",
        "turn",
        "warnings",
        "smallest_face",
        "left_out",
        "undone",
    ]
    assert (result["photo"], result["width"], result["height"]) == ("a.jpg", 640, 480)
    assert result["timings_ms"] == {"decode": 1.2, "detect": 20.1, "classify": 2.0}
    assert result["model"] == {"name": "attention_cnn", "version": "1.0.0", "target": "label"}
    (face,) = result["faces"]
    keys = ["number", "box", "score", "landmarks", "emotion", "confidence", "confident", "probabilities"]
    assert list(face) == [*keys, "source", "faint", "quality", "covered", "looks_covered"]
    assert result["warnings"] == []
    assert face["covered"] is None
    assert face["looks_covered"] is None
    assert face["source"] == "detected"
    assert face["quality"] == {
        "face_size": 100.1,
        "sharpness": 0.751,
        "evenness": 0.012,
        "brightness": 129.4,
        "contrast": 53.7,
        "roll": 3.0,
        "warnings": ["tilted"],
    }
    assert face["box"] == [10.0, 20.1, 100.1, 120.5]
    assert list(face["landmarks"]) == list(LANDMARK_NAMES)
    assert face["landmarks"]["left_eye"] == [30.1, 44.2]
    assert face["score"] == pytest.approx(0.998712, abs=1e-9)
    assert (face["emotion"], face["confident"]) == ("happy", True)
    assert list(face["probabilities"]) == list(LABELS)


def test_probabilities_still_add_up_to_one():
    rng = np.random.default_rng(3)
    for _ in range(50):
        shares = rng.dirichlet(np.full(7, 0.2)).astype(np.float32)
        (face,) = analysis_to_dict("a", analysis(reading(shares)))["faces"]
        assert sum(face["probabilities"].values()) == pytest.approx(1.0, abs=1e-5)
        assert face["confidence"] == max(face["probabilities"].values())
        assert face["probabilities"][face["emotion"]] == face["confidence"]


def test_only_plain_python_types():
    def types(value):
        if isinstance(value, dict):
            return {type(value)}.union(*(types(v) | {type(k)} for k, v in value.items()))
        if isinstance(value, list):
            return {list}.union(*map(types, value))
        return {type(value)}

    assert types(analysis_to_dict("a", analysis(reading(TORN)))) == {
        *(dict, list, str, int, float, bool, type(None))
    }


def test_no_minus_zero():
    result = analysis_to_dict("a", analysis(reading(HAPPY, box=(-0.04, -3.0, 10, 10))))
    assert "-0.0," not in json.dumps(result)
    assert result["faces"][0]["box"][1] == -3.0


def test_photo_without_faces_has_an_empty_list():
    assert analysis_to_dict("a.jpg", analysis())["faces"] == []


def test_refused_photo():
    assert error_to_dict("b.jpg", ERROR) == {"photo": "b.jpg", "error": ERROR.message}


def table_of(*results):
    rows = [csv_header(LABELS)]
    for result in results:
        rows += csv_rows(result, LABELS)
    return list(csv.DictReader(io.StringIO(csv_text(rows)), strict=True))


def test_csv_has_a_row_for_each_face_and_each_photo_without_one():
    rows = table_of(
        analysis_to_dict("two.jpg", analysis(reading(HAPPY), reading(TORN))),
        analysis_to_dict("none.jpg", analysis()),
        error_to_dict("bad.jpg", ERROR),
    )
    assert [(row["photo"], row["face"], row["emotion"], row["confident"]) for row in rows] == [
        ("two.jpg", "1", "happy", "true"),
        ("two.jpg", "2", "neutral", "false"),
        ("none.jpg", "", "", ""),
        ("bad.jpg", "", "", ""),
    ]
    assert [row["error"] for row in rows] == ["", "", "", ERROR.message]
    assert float(rows[0]["happy"]) == pytest.approx(0.9, abs=1e-6)
    assert [float(rows[0][k]) for k in ("x", "y", "width", "height")] == [10.0, 20.1, 100.1, 120.5]


def test_csv_columns_are_fixed():
    start = ["photo", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident"]
    assert csv_header(LABELS) == [*start, *LABELS, "model", "error", "target", "covered", "truncated"]
    for result in (analysis_to_dict("a", analysis(reading(HAPPY))), error_to_dict("b", ERROR)):
        assert {len(row) for row in csv_rows(result, LABELS)} == {len(csv_header(LABELS))}


def test_csv_survives_awkward_names():
    name = 'a, "b"\nc.jpg'
    (row,) = table_of(analysis_to_dict(name, analysis()))
    assert row["photo"] == name


def test_table_is_aligned_and_says_who_is_unsure():
    text = table_text(analysis_to_dict("two.jpg", analysis(reading(HAPPY), reading(TORN))))
    heading, columns, first, second = text.splitlines()
    assert heading == "two.jpg: 640 × 480 pixels, 2 faces, 23 ms, attention_cnn"
    assert "happy" in first
    assert "90.0%" in first
    assert "not sure" not in first
    assert "neutral" in second
    assert "not sure" in second
    assert "angry 20.0%" in second
    assert columns.index("box") == first.index("10, 20") == second.index("10, 20")
    assert first.index("happy") == second.index("neutral") == columns.index("emotion")


def test_votes_are_told_as_ten_people():
    people = replace(
        analysis(votes(HAPPY), votes(TORN)), model=ModelIdentity("people", "1.0.0", "people_votes")
    )
    result = analysis_to_dict("two.jpg", people)
    _, columns, first, second = table_text(result).splitlines()
    assert "people say so" in columns
    assert "about 9 of 10" in first
    assert "not sure" in second
    assert "2 angry" in second
    assert "%" not in first + second
    row = table_of(result)[0]
    assert (row["target"], row["covered"]) == ("people_votes", "0.25")
    assert (result["faces"][0]["covered"], result["faces"][0]["looks_covered"]) == (0.25, False)


def test_table_says_where_the_lower_face_looks_covered():
    sure, unsure = (
        replace(
            votes(shares), prediction=replace(votes(shares).prediction, covered=0.25, covered_threshold=limit)
        )
        for shares, limit in ((HAPPY, 0.2), (TORN, 0.25))
    )
    result = analysis_to_dict("two.jpg", analysis(sure, unsure, votes(HAPPY)))
    assert [face["looks_covered"] for face in result["faces"]] == [True, True, False]
    first, second, third = table_text(result).splitlines()[2:]
    assert "covered" in first
    assert "not sure" not in first
    assert "not sure, covered" in second
    assert "covered" not in third


def votes(shares):
    face = reading(shares)
    return replace(face, prediction=replace(face.prediction, target="people_votes", covered=0.25))


def test_results_signed_before_the_new_keys_still_make_tables():
    result = analysis_to_dict("old.jpg", analysis(reading(HAPPY)))
    del result["faces"][0]["covered"], result["model"]["target"]
    assert "90.0%" in table_text(result)
    assert (table_of(result)[0]["target"], table_of(result)[0]["covered"]) == ("", "")


def test_table_of_one_of_none_and_of_a_refusal():
    assert "1 face," in table_text(analysis_to_dict("a.jpg", analysis(reading(HAPPY))))
    assert table_text(analysis_to_dict("a.jpg", analysis())) == (
        "a.jpg: 640 × 480 pixels, no face found, 23 ms, attention_cnn\n"
    )
    assert table_text(error_to_dict("b.jpg", ERROR)) == f"b.jpg\n  error: {ERROR.message}\n"


def test_table_keeps_letters_and_escapes_what_could_confuse_a_terminal():
    text = table_text(error_to_dict("Фото é\x1b[31m\n\udcff.jpg", ERROR))
    assert text.startswith("Фото é\\x1b[31m\\n\\udcff.jpg\n")
