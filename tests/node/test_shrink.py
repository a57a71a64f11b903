"""The browser's estimate of what decoding takes is the server's, so that neither more nor less is made smaller."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model.photo.formats import format_of
from model.photo.limits import decode_bytes
from model.photo.load import _HEADERS

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = """
require(process.argv[1]);
const {createReadStream} = require("node:fs");
const bytes = require("node:fs").readFileSync(process.argv[2]);
const head = new Uint8Array(bytes.subarray(0, 1 << 20));
console.log(JSON.stringify(faceValueShrink.decodeBytes(head, process.argv[3], bytes.length)));
"""
COLOUR = Image.fromarray(
    np.random.default_rng(1).integers(0, 255, (300, 410, 3), np.uint8).repeat(3, 0).repeat(3, 1)
)
MADE: dict[str, tuple[Image.Image, dict[str, Any]]] = {
    "baseline": (COLOUR, {"format": "JPEG"}),
    "progressive, 4:4:4": (COLOUR, {"format": "JPEG", "progressive": True, "subsampling": 0}),
    "progressive, 4:2:0": (COLOUR, {"format": "JPEG", "progressive": True, "subsampling": 2}),
    "progressive, gray": (COLOUR.convert("L"), {"format": "JPEG", "progressive": True}),
    "PNG": (COLOUR, {"format": "PNG"}),
    "PNG, gray": (COLOUR.convert("L"), {"format": "PNG"}),
    "PNG, palette": (COLOUR.convert("P"), {"format": "PNG"}),
    "PNG, 16 bits": (COLOUR.convert("I;16"), {"format": "PNG"}),
    "WebP": (COLOUR, {"format": "WEBP"}),
    "WebP, lossless": (COLOUR, {"format": "WEBP", "lossless": True}),
    "WebP, transparent": (COLOUR.convert("RGBA"), {"format": "WEBP"}),
    "GIF": (COLOUR.convert("P"), {"format": "GIF"}),
    "BMP": (COLOUR, {"format": "BMP"}),
    "AVIF": (COLOUR, {"format": "AVIF", "subsampling": "4:2:0"}),
}


def made(name: str) -> bytes:
    picture, options = MADE[name]
    buffer = io.BytesIO()
    picture.save(buffer, **options)
    return buffer.getvalue()


def compare(node: str, path: Path) -> tuple[float, int]:
    """Return the browser's estimate for a file, and the server's at its least."""
    data = path.read_bytes()
    kind = format_of(data)
    assert kind is not None
    run = subprocess.run(
        [node, "-e", PROGRAM, str(ROOT / "static" / "js" / "shrink.js"), str(path), kind],
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(run.stdout), decode_bytes(_HEADERS[kind](data), 8)


@pytest.mark.parametrize("name", MADE)
def test_the_estimates_agree(node: str, tmp_path: Path, name: str) -> None:
    path = tmp_path / "photo"
    path.write_bytes(made(name))
    here, there = compare(node, path)
    assert 0.98 * there <= here <= 1.02 * there + (0.2 * there if name.startswith(("WebP", "AVIF")) else 0)


@pytest.mark.parametrize("name", ["portrait", "large", "tiles", "corners_6"])
def test_what_a_phone_writes_is_not_taken_for_less(node: str, name: str) -> None:
    here, there = compare(node, ROOT / "tests" / "files" / f"{name}.heic")
    assert 0.95 * there <= here <= 1.6 * there


@pytest.mark.parametrize(
    "content", [b"", b"\xff\xd8\xff", b"\xff\xd8" + b"\xff" * 40, b"\xff\xd8\xff\xda\0\4\0\0" * 9]
)
def test_of_a_damaged_header_nothing_is_said(node: str, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(content)
    run = subprocess.run(
        [node, "-e", PROGRAM, str(ROOT / "static" / "js" / "shrink.js"), str(path), "JPEG"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(run.stdout) == 0
