"""The samples: their buttons, file sizes, contents, and the script that makes them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image
from werkzeug.test import TestResponse

from model import Analysis, ModelRegistry
from model.types import FaceResult
from scripts import make_samples
from webapp.samples import FOLDER, SAMPLES

if TYPE_CHECKING:
    from tests.conftest import Upload


def test_every_sample_has_a_button_with_a_small_picture(client: FlaskClient) -> None:
    html = JustHTML(client.get("/").text, strict=True, sanitize=False)
    buttons = html.query("#samples button")
    assert [button.attrs["value"] for button in buttons] == [sample.name for sample in SAMPLES]
    assert {button.attrs["name"] for button in buttons} == {"sample"}
    for picture in html.query("#samples img"):
        answer = client.get(picture.attrs["src"], buffered=True)
        assert len(answer.data) < 8_000
        assert Image.open(io.BytesIO(answer.data)).size == (120, 120)
    text = html.query("#samples")[0].to_text()
    assert "NASA" in text
    assert "Hopper" in text
    assert "public domain" in text


def test_one_press_leads_to_a_result(press_sample: Callable[[str], TestResponse]) -> None:
    answer = press_sample("portrait")
    assert answer.status_code == 200
    assert len(page_of(answer).query("article.face")) >= 1


def page_of(answer: TestResponse) -> JustHTML:
    return JustHTML(answer.text, sanitize=False)


@pytest.fixture(scope="module")
def analyses(recognizers: ModelRegistry) -> dict[str, Analysis]:
    """Every sample as the site reads it."""
    return {sample.name: recognizers.get(sample.model).analyze(sample.read()) for sample in SAMPLES}


def clear(analysis: Analysis) -> list[FaceResult]:
    """The faces without the faint ones of the background, which a search may find or not."""
    return [face for face in analysis.faces if not face.faint]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("portrait", ["happy"]),
        ("calm", ["neutral"]),
        ("together", ["happy", "neutral"]),
        ("masked", ["happy"]),
        ("dim", ["happy"]),
        ("small", ["happy"]),
        ("turned", ["neutral"]),
        ("cut", ["neutral"]),
        ("several", ["happy"] * 3 + ["neutral"] * 3),
        ("drawing", ["surprise"]),
        ("squeezed", ["happy"]),
    ],
)
def test_each_is_read_as_expected(analyses: dict[str, Analysis], name: str, expected: list[str]) -> None:
    predictions = [face.prediction for face in clear(analyses[name])]
    assert sorted(prediction.emotion for prediction in predictions) == expected
    assert all(prediction.confident for prediction in predictions)


def test_right_answers_differ_and_one_is_wrong_on_purpose(analyses: dict[str, Analysis]) -> None:
    """A person sees a calm face in the squeezed portrait; the model is sure of a smile, and no warning is shown."""
    for sample in SAMPLES:
        if sample.guess:
            (face,) = clear(analyses[sample.name])
            assert (face.prediction.emotion == sample.guess) is not sample.wrong, sample.name
    assert len({sample.guess for sample in SAMPLES if sample.guess and not sample.wrong}) >= 2
    (wrong,) = (sample for sample in SAMPLES if sample.wrong)
    (face,) = clear(analyses[wrong.name])
    assert face.prediction.confidence > 0.7
    assert face.quality.warnings == ()


def test_each_is_what_its_name_says(analyses: dict[str, Analysis]) -> None:
    assert analyses["turned"].rotation in (90, 270)
    assert np.mean(analyses["dim"].photo.pixels) < np.mean(analyses["portrait"].photo.pixels) / 4
    assert 35 <= analyses["small"].faces[0].face.box[2] <= 48
    widths = [reading.face.box[2] for reading in analyses["several"].faces]
    assert max(widths) > 1.5 * min(widths)
    assert "doubtful" in analyses["drawing"].faces[0].quality.warnings
    left, _, width, _ = analyses["cut"].faces[0].face.box
    assert left <= 0, "its half is at the border"
    assert width < analyses["calm"].faces[0].face.box[2] * 0.6


def test_what_is_a_sample_teaches_something() -> None:
    for sample in SAMPLES:
        assert sample.lesson.endswith(".")
        assert len({sample.title, sample.note, sample.lesson}) == 3
    assert len({sample.title for sample in SAMPLES}) == len(SAMPLES)


def test_files_are_compressed_and_their_licence_is_named() -> None:
    notice = (FOLDER / "LICENSE.md").read_text()
    for sample in SAMPLES:
        assert sample.file in notice
        assert len(sample.read()) < 250_000
    assert "public domain" in notice
    assert "scikit-image" in notice


def test_the_script_makes_these_very_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compared as pictures: another version of the JPEG library may save the same one in other bytes."""
    monkeypatch.setattr(sys, "argv", ["make_samples", "--out", str(tmp_path)])
    make_samples.main()
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert len(made) == 2 * len(SAMPLES) + 1
    for name in made:
        new, kept = (
            np.asarray(Image.open(folder / name).convert("RGB"), dtype=float)
            for folder in (tmp_path, FOLDER.parent)
        )
        assert new.shape == kept.shape
        assert np.abs(new - kept).mean() < 1.0, name


def test_a_covered_face_is_told_and_leads_to_the_eyes(upload: Upload, app: Flask) -> None:
    if app.extensions["models"].default.metadata.covered_threshold is None:
        pytest.skip("this default model does not tell covered faces")
    masked, portrait = (upload((FOLDER / name).read_bytes()).text for name in ("masked.jpg", "astronaut.jpg"))
    assert "The lower part of this face seems to be covered" in masked
    assert 'formaction="/results/eyes#photo-1-face-1"' in masked
    assert "seems to be covered" not in portrait


def test_the_masked_sample_is_read_by_its_eyes_unless_a_model_was_chosen(
    press_sample: Callable[[str], TestResponse], client: FlaskClient, csrf_token: str
) -> None:
    assert 'name="model" value="upper_face"' in press_sample("masked").text
    fields = {"csrf_token": csrf_token, "sample": "masked", "model": "attention_cnn"}
    assert 'name="model" value="attention_cnn"' in client.post("/results", data=fields).text
