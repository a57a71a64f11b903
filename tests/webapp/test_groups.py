"""The results page of a group: numbers in reading order, faint faces folded, what was left out."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import cv2
import numpy as np
from flask.testing import FlaskClient
from justhtml import JustHTML
from PIL import Image

from model.geometry import Pixels
from tests.conftest import post_form
from tests.helpers import groups
from tests.webapp.test_pages import assert_sound
from tests.webapp.test_region import fields_of

if TYPE_CHECKING:
    from tests.conftest import Upload


def encoded(pixels: Pixels) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def test_faint_faces_of_the_background_keep_their_number_and_have_no_card(
    upload: Upload, client: FlaskClient
) -> None:
    canvas, heads = groups.background(900, 700), groups.heads()
    groups.put(canvas, heads[0], 60, 120, 260)
    blurred = np.asarray(cv2.GaussianBlur(heads[1], (0, 0), 5), np.uint8)
    for left in (650, 780):
        groups.put(canvas, blurred, left, 60, 36)
    answer = upload(encoded(canvas))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert "Two more are small and unclear, probably of the background." in html.to_text()
    (summary,) = html.query("details.faint > summary")
    assert summary.to_text() == "2 faint faces of the background"
    (card,) = html.query("article.face")
    numbers = [number.to_text() for number in html.query("details.faint .face-row .number")]
    assert sorted([*numbers, card.attrs["id"].rpartition("-")[2]]) == ["1", "2", "3"]
    fields = fields_of(answer.text)
    opened = post_form(client, {**fields, "open": f"1-{numbers[0]}"}, address="/results/sheet").text
    assert_sound(opened)
    assert len(JustHTML(opened, strict=True, sanitize=False).query("details.faint[open] article.face")) == 1
    assert len(JustHTML(opened, strict=True, sanitize=False).query("article.face")) == 2


def test_a_crowd_beyond_what_is_kept_is_said(upload: Upload) -> None:
    answer = upload(encoded(groups.carpet(columns=12, rows=12).pixels))
    assert_sound(answer.text)
    html = JustHTML(answer.text, strict=True, sanitize=False)
    assert len(html.query(".face-row")) == 100
    (caption,) = html.query(".photo figcaption")
    assert "kept are the 100 that the detector is surest of" in caption.to_text()
