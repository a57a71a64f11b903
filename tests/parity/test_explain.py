"""static/js/reading: what pointed to an expression is what the server finds, and is drawn as the server draws it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from bench.parity.node import Numbers, network_files
from model import Recognizer
from model.explain import BLUR, occlusion_maps
from model.output.draw import explanation_on_face
from tests.helpers.node import node_or_skip, run_node_tests
from tests.parity.test_pixels import photo
from webapp.presenters.faces import EXPLANATION_SIDE
from webapp.services.browser_files import reading_metadata

HERE = Path(__file__).resolve().parent
SAMPLES = HERE.parents[1] / "static" / "samples"
SHOWN_SIDE = 480  # Of the crops that the reader hands out.


def blurs(numbers: Numbers) -> Iterator[dict[str, Any]]:
    rng = np.random.default_rng(20)
    for number in range(40):
        side = 48 if number % 2 else int(rng.integers(8, 70))
        pixels, sigma = photo(rng, side, side, 1)[..., 0], BLUR * side
        made = cv2.GaussianBlur(pixels, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
        yield {"input": numbers.add(pixels), "sigma": sigma, "expected": numbers.add(made)}


def test_what_pointed_to_an_expression_is_what_the_server_finds(
    tmp_path: Path, recognizer: Recognizer
) -> None:
    node_or_skip()
    numbers = Numbers()
    faces: list[dict[str, Any]] = []
    drawn: list[dict[str, Any]] = []
    for name in ("astronaut.jpg", "together.jpg"):
        for reading in recognizer.analyze((SAMPLES / name).read_bytes()).faces:
            answer, maps = occlusion_maps(recognizer.classifier, reading.network_input)
            faces.append(
                {
                    "name": f"{name}, face {reading.number}",
                    "input": numbers.add(reading.network_input),
                    "answer": answer,
                    "maps": numbers.add(maps),
                }
            )
            for side in (len(reading.crop.aligned), EXPLANATION_SIDE, 411, 77):
                if side > SHOWN_SIDE:
                    continue
                how = cv2.INTER_AREA if side < len(reading.crop.aligned) else cv2.INTER_CUBIC
                crop = np.asarray(cv2.resize(reading.crop.aligned, (side, side), interpolation=how), np.uint8)
                picture = explanation_on_face(crop, maps[answer], EXPLANATION_SIDE)
                given = {"crop": crop, "spoke": maps[answer], "expected": picture}
                drawn.append({key: numbers.add(array) for key, array in given.items()})
    numbers.write(
        tmp_path,
        {
            "files": {key: str(path) for key, path in network_files().items()},
            "metadata": reading_metadata(),
            "side": EXPLANATION_SIDE,
            "faces": faces,
            "drawn": drawn,
            "blurs": [*blurs(numbers)],
        },
    )
    run_node_tests(HERE / "explain.test.mjs", tmp_path)
