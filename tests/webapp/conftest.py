"""What several tests of pages and presenters share."""

from __future__ import annotations

import pytest

from model import Recognizer
from model.types import FaceResult


@pytest.fixture(scope="session")
def reading(recognizer: Recognizer, portrait_jpeg: bytes) -> FaceResult:
    """The portrait's face."""
    (found,) = recognizer.analyze(portrait_jpeg).faces
    return found
