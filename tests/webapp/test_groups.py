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


def test_faint_faces_of_the_background_keep_their_number_and_have_no_card(upload: Upload) -> None:
    canvas, heads = groups.background(900, 700), groups.heads()
    groups.put(canvas, heads[0], 60, 120, 260)
    blurred = np.asarray(cv2.GaussianBlur(heads[1], (0, 0), 5), np.uint8)
    for left in (650, 780):
        groups.put(canvas, blurred, left, 60, 36)
    answer = upload(encoded(canvas))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert "Two more are small and unclear, probably of the background." in html.to_text()
    (chip,) = html.query('.tally [value="faint"]')
    assert chip.to_text() == "2 faint"
    (card,) = html.query("article.face")
    assert card.attrs["id"] not in {row.attrs["id"] for row in html.query('tr[data-kind="faint"]')}
    numbers = [number.to_text() for number in html.query(".face-row .number")]
    assert numbers == ["1", "2", "3"]


def test_a_crowd_beyond_what_is_kept_is_said(upload: Upload) -> None:
    answer = upload(encoded(groups.carpet(columns=12, rows=12).pixels))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert len(html.query(".face-row")) == 100
    (caption,) = html.query(".photo figcaption")
    assert "kept are the 100 that the detector is surest of" in caption.to_text()
