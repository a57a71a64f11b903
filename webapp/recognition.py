"""The one recognizer of this process, and a gate that bounds how many photos are open at once."""

from __future__ import annotations

import threading
from typing import cast

from flask import Flask, current_app

from model import Analysis, Recognizer
from webapp.settings import Settings


def configure(app: Flask, settings: Settings, recognizer: Recognizer | None) -> None:
    """Load the model named in the settings, or take the given ``recognizer``."""
    app.extensions["recognizer"] = recognizer or Recognizer.load(settings.model, threads=settings.threads)
    app.extensions["analysis_gate"] = threading.BoundedSemaphore(settings.parallel_analyses)


def current_recognizer() -> Recognizer:
    """Return the recognizer of the current application."""
    return cast(Recognizer, current_app.extensions["recognizer"])


def analyze(photo: bytes) -> Analysis:
    """Walk one encoded photo through all stages; raises ``model.PhotoError``.

    A photo of 25 million pixels takes 75 MB once decoded: only a few may be open at the same time.
    """
    with current_app.extensions["analysis_gate"]:
        return current_recognizer().analyze(photo)
