"""static/js/reading/exif.js reads the orientation of a file as the server does."""

from __future__ import annotations

import io
import json
from pathlib import Path

from PIL import Image

from model.photo.load import load_photo
from tests.helpers.node import node_or_skip, run_node_tests

HERE = Path(__file__).resolve().parent
ORIENTATION = 0x0112
FILES = Path(__file__).resolve().parents[1] / "files"


def picture(kind: str, orientation: int | None) -> bytes:
    """A picture of 40 × 20 pixels, with an EXIF orientation, or with none."""
    exif = Image.Exif()
    exif[0x010E] = "a description, so that the orientation is not the first"
    if orientation is not None:
        exif[ORIENTATION] = orientation
    buffer = io.BytesIO()
    Image.new("RGB", (40, 20), "red").save(buffer, kind, exif=exif)
    return buffer.getvalue()


def test_orientations_are_read_alike(tmp_path: Path) -> None:
    node_or_skip()
    expected = {}
    for kind in ("JPEG", "PNG", "WEBP"):
        for orientation in (None, 0, *range(1, 10)):
            name = f"{orientation}.{kind.lower()}"
            content = picture(kind, orientation)
            (tmp_path / name).write_bytes(content)
            valid = orientation in range(1, 9)
            assert load_photo(content).oriented == valid, name
            expected[name] = orientation if valid else None
    for path in (FILES / "corners_6.heic", FILES / "corners.heic"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
        # The decoder applies a HEIC's rotation, so that it matters only whether there is one.
        expected[path.name] = 1 if load_photo(path.read_bytes()).oriented else None
    (tmp_path / "expected.json").write_text(json.dumps(expected), encoding="utf-8")
    run_node_tests(HERE / "exif.test.mjs", tmp_path)
