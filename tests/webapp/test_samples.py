"""The samples: their buttons, file sizes, contents, and the script that makes them."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from flask import Flask
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image
from werkzeug.test import TestResponse

from model import Recognizer
from scripts import make_samples
from webapp.samples import FOLDER, SAMPLES, find


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
    assert "public domain" in text


def test_one_press_leads_to_a_result(press_sample: Callable[[str], TestResponse]) -> None:
    answer = press_sample("portrait")
    assert answer.status_code == 200
    assert "One face found" in answer.text


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("portrait", 1, 1),
        ("turned", 1, 1),
        ("dim", 1, 1),
        ("small", 1, 1),
        ("several", 6, 8),
        ("masked", 1, 1),
    ],
)
def test_each_shows_so_many_faces(recognizer: Recognizer, name: str, least: int, most: int) -> None:
    sample = find(name)
    assert sample is not None
    assert least <= len(recognizer.analyze(sample.read()).faces) <= most


def test_each_is_what_its_name_says(recognizer: Recognizer) -> None:
    photos = {sample.name: recognizer.analyze(sample.read()) for sample in SAMPLES}
    assert photos["turned"].rotation in (90, 270)
    assert np.mean(photos["dim"].photo.pixels) < np.mean(photos["portrait"].photo.pixels) / 4
    assert 35 <= photos["small"].faces[0].face.box[2] <= 48
    widths = [reading.face.box[2] for reading in photos["several"].faces]
    assert max(widths) > 1.5 * min(widths)


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


def test_the_masked_sample_is_told_to_be_covered_and_leads_to_the_eyes(
    press_sample: Callable[[str], TestResponse], app: Flask
) -> None:
    if app.extensions["models"].default.metadata.covered_threshold is None:
        pytest.skip("this default model does not tell covered faces")
    masked, portrait = press_sample("masked").text, press_sample("portrait").text
    assert "The lower part of this face seems to be covered" in masked
    assert 'formaction="/results/eyes#photo-1-face-1"' in masked
    assert "seems to be covered" not in portrait
