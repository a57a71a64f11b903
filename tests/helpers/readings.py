"""Readings of a face with answers of one's own, and what a card says of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from flask import Flask
from justhtml import JustHTML

from model.types import FaceResult, Prediction
from webapp.presenters.confidence import TrackRecord
from webapp.presenters.faces import present_face

LABELS = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")


def prediction(label: str, share: float, threshold: float = 0.5) -> Prediction:
    shares = np.full(len(LABELS), (1 - share) / (len(LABELS) - 1), dtype=np.float32)
    shares[LABELS.index(label)] = share
    attention = np.ones((12, 12), dtype=np.float32)
    return Prediction(LABELS, np.log(shares), shares, attention, threshold)


def said(app: Flask, reading: FaceResult, record: TrackRecord | None = None) -> str:
    """What the card of a face answers, as text."""
    macros: Any = app.jinja_env.get_template("_macros.html").module
    face = present_face(1, reading, record=record)
    html = macros.answer(face) + macros.certainty(face)
    return " ".join(JustHTML(html, sanitize=False).to_text().split())


def plain(text: str) -> str:
    return " ".join(text.split())
