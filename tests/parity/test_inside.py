"""static/js: what is shown of the inside of the network is what the server finds there."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from bench.parity.node import Numbers, network_files
from model import Recognizer
from model.geometry import Pixels
from model.inside.feature_maps import FeatureMaps
from model.inside.parts import GRID, PARTS, brushed, cover, landmarks_in, mask_of
from model.recognizer import DEFAULT_MODEL
from model.store.files import MAPS_FILE, SAVED
from model.types import FaceResult
from tests.helpers.node import node_or_skip, run_node_tests
from webapp.presenters.images import ImageView
from webapp.presenters.inside import block_view, filters_view, strongest_place

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "static" / "samples"


def levels(view: ImageView | None) -> Pixels:
    """Return the levels of a picture in a palette."""
    assert view is not None
    content = base64.b64decode(view.source.partition(",")[2])
    return np.asarray(Image.open(io.BytesIO(content)), np.uint8)


def covered(numbers: Numbers, reading: FaceResult) -> dict[str, Any]:
    """Return the inputs with each part covered, and one with what a brush went over, with its bits."""
    given = reading.network_input
    made = {part: cover(given, mask_of([part], landmarks_in(reading), len(given))) for part in PARTS}
    bits = np.random.default_rng(reading.number).integers(0, 2, (GRID, GRID), dtype=np.uint8)
    brush = base64.b64encode(np.packbits(bits).tobytes()).decode()
    return {
        **{part: numbers.add(pixels) for part, pixels in made.items()},
        "brush": brush,
        "brushed": numbers.add(cover(given, brushed(brush, len(given)))),
    }


def test_what_is_shown_of_the_inside_is_what_the_server_finds(tmp_path: Path, recognizer: Recognizer) -> None:
    node_or_skip()
    numbers = Numbers()
    maps = FeatureMaps.load(SAVED / DEFAULT_MODEL)
    faces: list[dict[str, Any]] = []
    for reading in recognizer.analyze((SAMPLES / "together.jpg").read_bytes()).faces:
        found = maps.read(reading.network_input)
        views = [block_view(number, block, 1) for number, block in enumerate(found.blocks, start=1)]
        tiles = [
            {"few": numbers.add(levels(view.few)), "every": numbers.add(levels(view.every)), "mean": mean}
            for view, mean in zip(views, map(numbers.add, strongest_place(found)), strict=True)
        ]
        faces.append(
            {
                "name": f"face {reading.number}",
                "input": numbers.add(reading.network_input),
                "filters": numbers.add(found.filters),
                "landmarks": {key: list(place) for key, place in reading.face.landmarks.items()},
                "square": list(reading.crop.square),
                "roll": reading.crop.roll,
                "covered": covered(numbers, reading),
                "blocks": [numbers.add(block) for block in found.blocks],
                "tiles": {
                    "filters": numbers.add(levels(filters_view(found.filters).few)),
                    "blocks": tiles,
                },
            }
        )
    description = {
        "files": {key: str(path) for key, path in network_files().items()},
        "maps": str(SAVED / DEFAULT_MODEL / MAPS_FILE),
        "faces": faces,
    }
    numbers.write(tmp_path, description)
    run_node_tests(HERE / "inside.test.mjs", tmp_path)
