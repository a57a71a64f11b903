"""The results page of a group: numbers in reading order, faint faces folded, what was left out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import cv2
import numpy as np
from justhtml import JustHTML
from PIL import Image

from model.geometry import Pixels
from tests.helpers import groups
from tests.webapp.test_pages import assert_sound

if TYPE_CHECKING:
    from tests.conftest import Upload


def encoded(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def test_faint_faces_of_the_background_are_folded_under_their_number(upload: Upload) -> None:
    canvas, heads = groups.background(900, 700), groups.heads()
    groups.put(canvas, heads[0], 60, 120, 260)
    blurred = np.asarray(cv2.GaussianBlur(heads[1], (0, 0), 5), np.uint8)
    for left in (650, 780):
        groups.put(canvas, blurred, left, 60, 36)
    answer = upload(encoded(canvas))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert [heading.to_text() for heading in html.query("h1")] == ["One face found"]
    (summary,) = html.query("details.faint > summary")
    assert summary.to_text() == "2 faint faces"
    assert len(html.query("details.faint article.face")) == 2
    assert len(html.query("article.face")) == 3
    numbers = [number.to_text() for number in html.query(".overview .number")]
    assert numbers == ["1", "2", "3"]


def test_a_crowd_beyond_what_is_kept_is_said(upload: Upload) -> None:
    answer = upload(encoded(groups.carpet(columns=12, rows=12).pixels))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert len(html.query("article.face")) == 100
    (caption,) = html.query(".photo figcaption")
    assert "kept are the 100 that the detector is surest of" in caption.to_text()
