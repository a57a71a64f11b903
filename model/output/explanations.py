"""Write a picture of what pointed to an expression, one for each face."""

from __future__ import annotations

import glob
import sys
from collections.abc import Callable
from pathlib import Path

from ..geometry import Floats
from ..types import Analysis, FaceResult
from .draw import explanation_image
from .stage_images import UniqueNames, save_png

SIDE = 480  # Pixels.

# The model's name, the face and the expression (None: the answer) → a map of −1…1, as ``model.explain`` makes it.
Explain = Callable[[str, FaceResult, str | None], Floats]


class ExplanationWriter:
    """Writes ``PHOTO-face-N-EXPRESSION.png`` to ``directory``: where covering a patch makes it less likely."""

    def __init__(self, explain: Explain, expression: str | None, directory: Path) -> None:
        self._explain, self._expression, self._directory = explain, expression, directory
        # A name may hold brackets, which are no pattern here.
        self._names = UniqueNames(lambda stem: directory.glob(f"{glob.escape(stem)}-face-*.png"))

    def reserve(self, name: str, owner: str, model: str = "") -> str:
        """Return how the names of the pictures of the photo called ``name`` begin, for ``write``."""
        return self._names.of(name, model, owner)

    def write(self, stem: str, owner: str, name: str, analysis: Analysis) -> None:
        """Write the pictures of one photo; what cannot be explained is said on standard error. Raises OSError."""
        for reading in analysis.faces:
            try:
                spoke = self._explain(analysis.model.name, reading, self._expression)
            except ValueError as error:
                print(f"{name}: no picture: {error}", file=sys.stderr)
                return
            expression = self._expression or reading.prediction.emotion
            picture = explanation_image(reading, spoke, side=SIDE)
            save_png(picture, self._directory / f"{stem}-face-{reading.number}-{expression}.png", owner)
