"""The cards, sentences and downloads that a page makes in the browser are those of the server, for the same readings.

The readings are the server's own, so that only what is made of them is compared; whether both read the same is the
matter of the parity tests.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flask import Flask, render_template, url_for
from markupsafe import Markup
from PIL import Image

from model import Recognizer
from model.faces.movements import NAMES, Movement
from model.inside.feature_maps import FeatureMaps, InnerMaps
from model.inside.parts import PARTS, Part
from model.output.limits import sentences
from model.output.serialize import analysis_to_dict
from model.output.tables import csv_header, csv_rows, csv_text
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.types import Analysis, FaceResult, Prediction
from webapp.presenters.confidence import TrackRecord, track_record
from webapp.presenters.covered import PART_WORDS, present_cover
from webapp.presenters.faces import Explained, present_face
from webapp.presenters.in_browser.kit import present_kit
from webapp.presenters.marks import marks
from webapp.presenters.movements import present_movements
from webapp.presenters.photo import PhotoForm, PhotoView, present_photo
from webapp.presenters.pipeline import Inner
from webapp.presenters.pipeline import present as present_steps
from webapp.presenters.results import ResultsView, present
from webapp.presenters.sheet import SheetRow, needs_sheet, opened_at_first, present_sheet, rows_of
from webapp.services.saved_styles import saved_styles

FOLDER = Path(__file__).parent
# What the templates know on these pages.
IN_BROWSER = {"explainable": True, "inside": True, "in_browser": True}
SAMPLES = FOLDER.parents[1] / "static" / "samples"
IMAGE = re.compile(r'src="data:[^"]*"|(?<= )(?:width|height)="\d+"(?=[^>]*(?:class="pixelated"|loading|>))')


def small_and_blurred(portrait: bytes) -> bytes:
    """A photo on which most warnings are given."""
    dim = Image.open(io.BytesIO(portrait)).convert("L").point(lambda level: level // 4).resize((96, 96))
    dim = dim.resize((150, 150)).rotate(28)
    buffer = io.BytesIO()
    dim.save(buffer, "PNG")
    return buffer.getvalue()


def as_read(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as the worker's answer; see static/js/reading/worker.js."""
    return {
        "width": analysis.photo.width,
        "height": analysis.photo.height,
        "full_size": list(analysis.photo.original_size)[:: -1 if analysis.rotation % 180 else 1],
        "rotation": analysis.rotation,
        "faces": [face_as_read(face) for face in analysis.faces],
        "tried": [asdict(taken) for taken in analysis.passes],
        "limits": {
            "smallest_face": analysis.limits.smallest_face,
            "left_out": analysis.limits.left_out,
            "undone": list(analysis.limits.undone),
        },
        "truncated": analysis.photo.truncated,
        "ms": 1000.0,
        "timings": asdict(analysis.timings_ms),
    }


def size_of(analysis: Analysis) -> list[int]:
    """Return some size, in which the photo is shown."""
    return [640, round(640 * analysis.photo.height / analysis.photo.width)]


def face_as_read(face: FaceResult) -> dict[str, Any]:
    quality = asdict(face.quality)
    return {
        "number": face.number,
        "source": face.source,
        "faint": face.faint,
        "box": list(face.box),
        "score": face.score,
        "landmarks": {name: list(place) for name, place in face.face.landmarks.items()},
        "roll": face.crop.roll,
        "square": list(face.crop.square),
        "shares": np.asarray(face.prediction.probabilities, np.float64).tolist(),
        "covered": face.prediction.covered,
        "quality": {**quality, "warnings": list(quality["warnings"])},
    }


def split(face: FaceResult) -> FaceResult:
    """Return a face about which the model is not sure."""
    even = np.full(len(face.prediction.labels), 1 / len(face.prediction.labels), np.float32)
    return replace(face, prediction=replace(face.prediction, probabilities=even))


def groups(analysis: Analysis) -> dict[str, Analysis]:
    """Return other groups, made of the faces of a photo of many."""
    faces = [*analysis.faces]
    one, other = (
        faces[0],
        next(face for face in faces if face.prediction.emotion != faces[0].prediction.emotion),
    )
    faint = [replace(face, faint=True) for face in faces if face not in (one, other)]
    made = {
        "alike": [replace(one, number=number) for number in (1, 2)],
        "all alike": [replace(one, number=number) for number in range(1, 13)],
        "different": [one, other],
        "one unsure": [split(one), other],
        "two unsure": [split(one), split(other)],
        "all unsure": [split(face) for face in faces],
        "some unsure": [*map(split, faces[:3]), *faces[3:]],
        "one and the background": [one, *faint],
        "two and one of the background": [one, other, faint[0]],
        "a group and its background": [*(face for face in faces if face not in faint[:2]), *faint[:2]],
        "only background": faint,
        "one more in a box": [one, replace(other, source="region")],
    }
    told = {name: replace(analysis, faces=tuple(each)) for name, each in made.items()}
    boxed = replace(one, number=1, source="region")
    return told | {
        "a box where none was": replace(analysis, faces=(boxed,)),
        "cut off": replace(analysis, photo=replace(analysis.photo, truncated=True)),
    }


@pytest.fixture(scope="module")
def readings(recognizer: Recognizer, portrait_jpeg: bytes, empty_png: bytes) -> dict[str, Analysis]:
    """The samples, a photo full of warnings, one without a face, and groups of every kind."""
    photos = {path.name: path.read_bytes() for path in sorted(SAMPLES.glob("*.jpg"))}
    photos |= {"=warned.png": small_and_blurred(portrait_jpeg), 'no "face", none.png': empty_png}
    read: dict[str, Analysis] = {name: recognizer.analyze(content) for name, content in photos.items()}
    return read | groups(read["several.jpg"])


def measured() -> list[list[Movement]]:
    """Measures around the limits from which on they are worth a word."""
    shares = (0.0, 0.03, 0.05, 0.051, 0.5, 0.949, 0.95, 0.974, 0.99, 1.0)
    return [[Movement(name, 40 * share - 17.5, share) for name in NAMES] for share in shares]


@pytest.fixture(scope="module")
def looked(readings: dict[str, Analysis]) -> list[tuple[Analysis, InnerMaps]]:
    """Faces to look into, each alone with its photo as a page carries it, and what the network makes of them."""
    maps = FeatureMaps.load(SAVED / DEFAULT_MODEL)
    alone = [
        replace(readings[name], faces=(face,), photo=replace(readings[name].photo, format=None))
        for name in ("together.jpg", "a box where none was")
        for face in readings[name].faces
    ]
    return [(analysis, maps.read(analysis.faces[0].network_input)) for analysis in alone]


def as_looked(analysis: Analysis, inner: InnerMaps) -> dict[str, Any]:
    """Return what steps.js takes of them."""
    (face,) = analysis.faces
    attention = face.prediction.attention
    assert attention is not None
    filters, *blocks = (
        dict(zip(("count", "rows", "columns"), each.shape, strict=True))
        for each in (inner.filters, *inner.blocks)
    )
    return {
        "face": {
            **face_as_read(face),
            "logits": face.prediction.logits.tolist(),
            "attention": attention.ravel().tolist(),
        },
        "inner": {"filters": filters, "blocks": blocks},
        "size": list(analysis.photo.original_size),
        "name": "me & you.jpg",
    }


def covers(readings: dict[str, Analysis]) -> list[tuple[Part | None, Prediction, Prediction]]:
    """Answers before and after, of all kinds: the faces of a group beside one another."""
    found = [face.prediction for face in readings["several.jpg"].faces]
    found += [face.prediction for face in readings["all unsure"].faces[:2]]
    parts: list[Part | None] = [*PARTS, None]
    return [
        (parts[place % len(parts)], before, found[(place * 3 + 1) % len(found)])
        for place, before in enumerate(found)
    ]


def as_covered(part: Part | None, before: Prediction, after: Prediction) -> dict[str, Any]:
    told = [
        {"shares": each.probabilities.astype(np.float64).tolist(), "covered": each.covered}
        for each in (before, after)
    ]
    return {"part": part, "share": 0.25, "before": told[0], "after": told[1]}


@pytest.fixture(scope="module")
def answers(
    node: str, app: Flask, readings: dict[str, Analysis], looked: list[tuple[Analysis, InnerMaps]]
) -> dict[str, Any]:
    """What the scripts make of the readings and measures."""
    with app.test_request_context():
        kit = present_kit(app.jinja_env, url_for)
    photos = [
        {"name": name, "read": as_read(analysis), "size": size_of(analysis)}
        for name, analysis in readings.items()
    ]
    movements = [[asdict(movement) for movement in each] for each in measured()]
    given = json.dumps(
        {
            "kit": kit,
            "photos": photos,
            "measured": movements,
            "looked": [as_looked(*each) for each in looked],
            "covers": [as_covered(*each) for each in covers(readings)],
        }
    )
    run = subprocess.run(
        [node, str(FOLDER / "cards.mjs")], input=given, capture_output=True, text=True, timeout=300
    )
    assert run.returncode == 0, run.stderr
    answers: dict[str, Any] = json.loads(run.stdout)
    return answers


@pytest.fixture(scope="module")
def told(answers: dict[str, Any]) -> list[dict[str, Any]]:
    photos: list[dict[str, Any]] = answers["photos"]
    return photos


def without_pictures(html: str) -> str:
    """Return the HTML without its pictures' contents and sizes, and numbers written one way."""
    html = re.sub(r"<img [^>]*?alt=(\"[^\"]*\")[^>]*>", r"<img alt=\1>", html)
    return re.sub(r"(\d)\.0(?=\")", r"\1", html)


def card_macros(app: Flask) -> Any:
    """Return the macros of _card.html as a page that reads in the browser has them."""
    return app.jinja_env.get_template("_card.html").make_module(IN_BROWSER)


@pytest.fixture(scope="module")
def record(app: Flask) -> TrackRecord | None:
    models = app.extensions["models"]
    name = models.default.metadata.name
    return track_record(models.metadata(name), models.report(name))


def test_the_cards_are_the_servers(
    app: Flask, readings: dict[str, Analysis], told: list[dict[str, Any]], record: TrackRecord | None
) -> None:
    count = 0
    with app.test_request_context():
        card = card_macros(app)
        for analysis, page in zip(readings.values(), told, strict=True):
            faces = sorted(analysis.faces, key=lambda face: face.number)
            assert len(page["cards"]) == len(faces)
            for face, html in zip(faces, page["cards"], strict=True):
                view = present_face(face.number, face, prefix="photo-1-", record=record)
                assert without_pictures(html) == without_pictures(str(card.face_card(view, 3, "")))
                # Nothing can be sent from these pages, so that no button may ask for it.
                assert "formaction" not in html
                count += 1
    assert count > 10


def test_what_pointed_to_an_expression_is_said_as_on_the_servers_cards(
    app: Flask, readings: dict[str, Analysis], told: list[dict[str, Any]]
) -> None:
    labels = app.extensions["models"].default.metadata.labels
    blank = np.zeros((48, 48), np.float32)
    count = 0
    with app.test_request_context():
        card = card_macros(app)
        for analysis, page in zip(readings.values(), told, strict=True):
            faces = sorted(analysis.faces, key=lambda face: face.number)
            for face, html in zip(faces, page["explained"], strict=True):
                explained = Explained(face.number, labels[face.number % len(labels)], blank)
                view = present_face(face.number, face, prefix="photo-1-", explained=explained)
                assert without_pictures(html) == without_pictures(str(card.explain(view, "")))
                assert "Orange where covering a small patch" in html
                count += 1
    assert count > 10


def test_the_steps_inside_are_the_servers(
    app: Flask,
    answers: dict[str, Any],
    looked: list[tuple[Analysis, InnerMaps]],
    recognizer: Recognizer,
    record: TrackRecord | None,
) -> None:
    metadata = recognizer.metadata
    blank = np.zeros((len(metadata.labels), 48, 48), np.float32)
    assert len(looked) == 3
    with app.test_request_context():
        parts: Any = app.jinja_env.get_template("_inside.html").make_module(IN_BROWSER)
        for (analysis, maps), html in zip(looked, answers["steps"], strict=True):
            pipeline = present_steps(analysis, metadata, record, Inner(maps, (), blank))
            (shrunk,) = [step.slider for step in pipeline.steps if step.slider]
            shown = (
                parts.lead("me & you.jpg"),
                parts.overview(pipeline, [("cover", "Cover a part")]),
                parts.steps(pipeline),
                parts.cover_section(shrunk.after, None),
            )
            for part in shown:
                assert without_pictures(str(part)) in without_pictures(html)
            assert "formaction" not in html
            assert html.count('class="step') >= 13


def test_covered_faces_are_told_of_as_on_the_server(
    app: Flask, answers: dict[str, Any], readings: dict[str, Analysis]
) -> None:
    mask = np.zeros((48, 48), np.bool_)
    mask[:12] = True
    given = covers(readings)
    assert len(given) > 5
    with app.test_request_context():
        parts: Any = app.jinja_env.get_template("_inside.html").make_module(IN_BROWSER)
        for (part, before, after), html in zip(given, answers["covered"], strict=True):
            words = [PART_WORDS[part]] if part else []
            view = present_cover(words, mask, np.zeros((48, 48), np.uint8), before, after)
            assert without_pictures(html) == without_pictures(str(parts.comparison(view)))


def test_what_faces_do_is_said_in_the_servers_words(answers: dict[str, Any]) -> None:
    expected = [[asdict(view) for view in present_movements(each)] for each in measured()]
    assert answers["movements"] == expected
    assert len({view["words"] for each in expected for view in each}) > 10


def view_of(
    name: str, analysis: Analysis, record: TrackRecord | None = None, *, every_card: bool = False
) -> tuple[PhotoView, tuple[SheetRow, ...]]:
    """Return the server's view of a photo and its rows, with the cards that are open at first, or with all."""
    form = PhotoForm(name, "", "", *analysis.photo.original_size)
    result = analysis_to_dict(name, analysis)
    rows = rows_of(analysis.photo, result, 1)
    opened = frozenset(row.key for row in rows) if every_card else opened_at_first(rows)
    limits = sentences(result)
    return present_photo(analysis, form, rows, opened=opened, record=record, limits=limits), rows


def results_of(
    name: str, analysis: Analysis, record: TrackRecord | None, *, every_card: bool = False
) -> ResultsView:
    view, rows = view_of(name, analysis, record, every_card=every_card)
    sheet = present_sheet(rows, photos=1) if needs_sheet(rows, 1) else None
    return present([view], "", analysis_to_dict(name, analysis)["model"], sheet)


def test_what_is_said_of_the_photo_is_the_servers(
    readings: dict[str, Analysis], told: list[dict[str, Any]]
) -> None:
    for (name, analysis), page in zip(readings.items(), told, strict=True):
        view, rows = view_of(name, analysis)
        width, height = size_of(analysis)
        drawn = marks(rows, analysis.photo.original_size, (width, height))
        expected = {
            field: getattr(view, field) for field in ("title", "summary", "rotated", "wide", "truncated")
        }
        expected |= {"marks": json.loads(json.dumps([asdict(mark) for mark in drawn]))}
        expected |= {
            "limits": list(view.limits),
            "tried": list(view.tried),
        }
        assert page["photo"] == expected, name


def test_groups_have_the_servers_sheet(
    app: Flask, readings: dict[str, Analysis], told: list[dict[str, Any]], record: TrackRecord | None
) -> None:
    sheets = 0
    with app.test_request_context():
        found: Any = app.jinja_env.get_template("_found.html").make_module(IN_BROWSER)
        for (name, analysis), page in zip(readings.items(), told, strict=True):
            results = results_of(name, analysis, record)
            (photo,) = results.photos
            assert isinstance(photo, PhotoView)
            alone = photo.alone.number if photo.alone else None
            expected = {"title": results.title, "summary": results.summary, "alone": alone}
            assert page["heading"] == expected, name
            html = str(found.faces(results, photo, 3, ""))
            assert without_pictures(page["found"]) == without_pictures(html), name
            assert "formaction" not in page["whole"], "nothing can be sent from these pages"
            sheets += "data-sheet" in page["found"]
    assert sheets >= 8


def test_the_html_file_is_the_servers(
    app: Flask, readings: dict[str, Analysis], told: list[dict[str, Any]], record: TrackRecord | None
) -> None:
    cards = 0
    with app.test_request_context():
        for (name, analysis), page in zip(readings.items(), told, strict=True):
            expected = render_template(
                "saved.html",
                results=results_of(name, analysis, record, every_card=True),
                styles=Markup(saved_styles()),  # noqa: S704  # our own style sheets
                explainable=True,
            )
            expected = expected.replace('href="/', 'href="https://faces.example/')
            assert same_marks(page["page"]) == same_marks(expected), name
            for never in ("<script", "<form", "<button", "<select", "@font-face", "url(/", "url(.."):
                assert never not in page["page"], never
            cards += page["page"].count('<article class="face')
    assert cards > 50


def same_marks(html: str) -> str:
    """Return the HTML without its pictures, and without the marks, whose figures follow from the pictures' sizes."""
    html = re.sub(r'<svg class="marks".*?</svg>\s*</div>', "</div>", html, flags=re.DOTALL)
    return without_pictures(html)


def test_the_downloads_are_the_servers(
    recognizer: Recognizer, readings: dict[str, Analysis], told: list[dict[str, Any]]
) -> None:
    labels = recognizer.metadata.labels
    for (name, analysis), page in zip(readings.items(), told, strict=True):
        result = analysis_to_dict(name, analysis)
        got = {**page["result"], "timings_ms": result["timings_ms"]}
        assert got == json.loads(json.dumps(result)), name
        lines = csv_text([csv_header(labels), *csv_rows(result, labels)])
        assert re.sub(r"(\d)\.0(?=[,\n])", r"\1", "\ufeff" + lines) == page["csv"], name
