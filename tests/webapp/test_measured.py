"""What the model's page shows of real photos, maps, worse pictures and covers, and what it leaves out."""

from __future__ import annotations

from typing import Any

from flask import Flask, render_template
from justhtml import JustHTML

from model import Recognizer
from tests.webapp.test_pages import assert_sound
from webapp.presenters.measured import present_maps, present_photos, present_worse
from webapp.presenters.model_card import present


def figure(value: float | None, low: float = 0.0, high: float = 1.0) -> dict[str, Any]:
    return {"value": value, "interval": None if value is None else [low, high]}


def real_photos(**more: Any) -> dict[str, Any]:
    """As ``training.real_photos`` writes it."""
    return {
        "split": "report",
        "date": "2026-11-26",
        "labels": "one person labelled each photo",
        "photos": 265,
        "faces_found": 263,
        "accuracy": figure(0.84, 0.79, 0.88),
        "mean_recall": figure(0.812, 0.75, 0.87),
        "as_they_come": figure(0.89, 0.85, 0.93),
        "recall": {"happy": {**figure(0.95), "photos": 100}, "sad": {**figure(None), "photos": 0}},
        "confusion": {"happy": {"happy": 95, "sad": 2, "neutral": 3}, "sad": {"happy": 0}},
        "calibration": {"ece": 0.041, "range_if_perfect": [0.02, 0.06]},
        "sure": {"threshold": 0.6, "right": figure(0.9, 0.86, 0.94), "coverage": figure(0.75, 0.7, 0.8)},
        **more,
    }


def judged(**more: Any) -> dict[str, Any]:
    ratio = {"value": 6.42, "interval": [5.0, 7.9], "fill": "gray"}
    row = {"map": 1.2, "random": 0.2, "mean_map": 0.6}
    deletion = {
        "0.1": {},
        "0.2": {"blur": {**row, "flips": 0.6}, "gray": {**row, "flips": 0.45}},
        "against_random": ratio,
        "against_mean_map": {"value": None, "interval": None, "fill": None},
    }
    return {"faces": 1000, "correlation": 0.021, "deletion": deletion, **more}


WORSE = {
    "clean": {"accuracy": 0.86, "ece": 0.02},
    "mean": {"accuracy": 0.71, "ece": 0.045, "interval": [0.69, 0.73]},
    "corruptions": {"motion_blur": {"accuracy": [0.8, 0.7, 0.6, 0.5, 0.4], "ece": [0.0, 0.0, 0.1, 0.1, 0.1]}},
}
COVERS = {
    "accuracy": {
        name: {"accuracy": 0.58, "interval": [0.56, 0.6]} for name in ("none", "mask", "hand", "scarf")
    },
    "covered": {"false_alarms": 0.024, "by_cover": {"hand": {"auc": 0.981, "seen": 0.9}}},
}
REPORT = {
    "real_photos": real_photos(
        covered={"recognised": 9, "covered": 11, "false_alarms": 6, "uncovered": 240},
        against={"attention_cnn": {n: figure(0.15, 0.1, 0.2) for n in ("mean_recall", "as_they_come")}},
    ),
    "faithful": {"sets": {"PrivateTest": {"occlusion": judged(), "attention": judged(correlation=0.92)}}},
    "corruptions": {"images": 3000, "one_view": WORSE},
    "covers": COVERS,
}


def words(app: Flask, recognizer: Recognizer, report: dict[str, Any]) -> str:
    with app.test_request_context("/model"):
        html = render_template("model.html", card=present(recognizer.metadata, {}, report))
    assert_sound(html)
    return " ".join(JustHTML(html, sanitize=False).to_text().split())


def test_real_photos_come_first(app: Flask, recognizer: Recognizer) -> None:
    text = words(app, recognizer, REPORT)
    order = ["Where it fails", "On real photos", "Worse pictures, covered faces", "Does the map show"]
    places = [text.index(heading) for heading in order]
    assert places == sorted(places)
    for said in (
        "265 press photos of the public set muxspace/facial_expressions",
        "nothing was chosen by them",
        "One person labelled each",
        "Press photos are not everybody’s photos",
        "81.2 % (75.0–87.0)",
        "4.1 % (2.0–6.0)",
        "263 of 265",
        "9 of 11",
        "6 of 240",
        "neutral 3, sad 2",
        "Compared with attention_cnn on the same photos: +15.0 points (+10.0 to +20.0) mean over the expressions",
        "6.4 (5.0–7.9)",
        "What pointed to the answer, as shown on request",
        "The attention block’s own map",
        "Motion blur",
        "3,000 images",
        "71.0 % (69.0–73.0)",
        "2.4 %, falsely",
        "0.981",
    ):
        assert said in text, said


def test_what_is_overlooked_is_said_with_its_own_figures(app: Flask, recognizer: Recognizer) -> None:
    recall = {"fear": (0.29, 117), "happy": (0.9, 935), "disgust": (0.51, 35)}
    per_class = {
        label: {"recall": found, "recall_interval": [found - 0.08, found + 0.08], "support": images}
        for label, (found, images) in recall.items()
    }
    source = recognizer.metadata.label_source
    text = words(app, recognizer, {"truths": {source: {"PrivateTest": {"per_class": per_class}}}})
    fear, disgust = "29.0 % (21.0–37.0) of the 117", "51.0 % (43.0–59.0) of the 35"
    said = f"it finds {fear} images for “fear” and {disgust} images for “disgust”"
    assert f"Of the private test {said}." in text
    assert "It overlooks" not in words(app, recognizer, {})


def test_what_was_not_measured_is_left_out(app: Flask, recognizer: Recognizer) -> None:
    text = words(app, recognizer, {})
    for heading in ("On real photos", "Does the map show", "Worse pictures"):
        assert heading not in text
    assert present_photos({}) is None
    assert present_maps({}) == present_worse({}) == ()


def test_photos_that_something_was_chosen_by_are_not_called_untouched(
    app: Flask, recognizer: Recognizer
) -> None:
    text = words(app, recognizer, {"real_photos": real_photos(split="select")})
    assert "On real photos" in text
    assert "nothing was chosen by them" not in text


def test_the_rows_fit_their_heads(app: Flask) -> None:
    photos = present_photos(REPORT)
    assert photos is not None
    columns: Any = app.jinja_env.get_template("_tables.html").module
    for table in (*photos.tables, *present_maps(REPORT), *present_worse(REPORT)):
        assert {len(row) for row in table.rows} == {len(columns.COLUMNS[table.kind])}
