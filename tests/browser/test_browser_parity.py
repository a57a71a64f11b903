"""What the reader in the browser makes of a file is what the API makes of it, whatever its format."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from playwright.sync_api import Page

from bench.parity.compare import Tally
from model import PhotoAnalysis, Recognizer
from model.detection.detector import MtcnnDetector
from tests.browser.in_browser import PATIENCE, SAMPLES

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

OPEN = """async () => {
    const manifest = await (await fetch("/browser/manifest.json")).json();
    const {Reading} = await import(manifest.scripts["js/reading/client.js"].url);
    window.reading = await Reading.open(manifest);
}"""
READ = """async (content) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    try {
        const {faces, ...found} = await window.reading.read(bytes.buffer);
        const told = faces.map(({crop, aligned, attention, ...face}) => ({
            ...face, shares: Array.from(face.shares), logits: Array.from(face.logits), input: Array.from(face.input),
        }));
        return {...found, faces: told};
    } catch (error) {
        return {error: error.name, message: error.message};
    }
}"""
ORIENTATION = 0x0112


def portrait() -> Image.Image:
    return Image.open(SAMPLES / "astronaut.jpg").convert("RGB")


def saved(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def turned(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def turned_jpeg(orientation: int) -> bytes:
    return saved(portrait(), "JPEG", quality=92, exif=turned(orientation))


def see_through() -> Image.Image:
    """The portrait, which fades out to the right and has bright and dark pixels under what is invisible."""
    image = portrait().convert("RGBA")
    image.putalpha(Image.fromarray(np.tile(np.linspace(255, 0, 512).astype(np.uint8), (512, 1))))
    return image


def palette_with_a_hole() -> bytes:
    image = portrait().quantize(255)
    return saved(image, "PNG", transparency=0)


def deep_gray() -> bytes:
    levels = np.asarray(portrait().convert("L")).astype(np.uint16) * 257
    return saved(Image.fromarray(levels), "PNG")


FILES: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: (SAMPLES / "several.jpg").read_bytes(),
    "jpeg 4:4:4": lambda: saved(portrait(), "JPEG", quality=95, subsampling=0),
    "jpeg 4:2:0": lambda: saved(portrait(), "JPEG", quality=80, subsampling=2),
    "jpeg progressive": lambda: saved(portrait(), "JPEG", quality=85, progressive=True),
    "jpeg gray": lambda: saved(portrait().convert("L"), "JPEG", quality=90),
    "jpeg profile": lambda: saved(
        portrait(), "JPEG", icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    ),
    **{f"jpeg exif {number}": partial(turned_jpeg, number) for number in (2, 3, 6, 8)},
    "png": lambda: saved(portrait(), "PNG"),
    "png alpha": lambda: saved(see_through(), "PNG"),
    "png palette": palette_with_a_hole,
    "png 16 bits": deep_gray,
    "png exif 6": lambda: saved(portrait(), "PNG", exif=turned(6)),
    "webp": lambda: saved(portrait(), "WEBP", quality=85),
    "webp lossless": lambda: saved(portrait(), "WEBP", lossless=True),
    "webp alpha": lambda: saved(see_through(), "WEBP", lossless=True),
    "webp exif 6": lambda: saved(portrait(), "WEBP", quality=85, exif=turned(6)),
    "gif": lambda: saved(portrait(), "GIF"),
    "bmp": lambda: saved(portrait(), "BMP"),
}
# Sides from 3,200 pixels: the server's JPEG decoder reduces frequencies, and a browser averages pixels.
LARGE: dict[str, Callable[[], bytes]] = {
    "jpeg of 12 megapixels": lambda: saved(
        portrait().resize((3500, 3500), Image.Resampling.BICUBIC), "JPEG", quality=88
    ),
}


@pytest.fixture
def page(visit: Visit) -> Page:
    page = visit()
    page.set_default_timeout(PATIENCE)
    page.goto("/privacy")
    page.evaluate(OPEN)
    return page


@pytest.fixture(scope="module")
def patient() -> Recognizer:
    """The site's recognizer, with time enough on a busy machine."""
    return Recognizer.load(threads=1, detector=MtcnnDetector.load(threads=1, seconds=600))


def read(page: Page, content: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = page.evaluate(READ, base64.b64encode(content).decode())
    return answer


def compared(page: Page, patient: Recognizer, files: dict[str, Callable[[], bytes]]) -> Tally:
    tally = Tally()
    for name, make in files.items():
        content = make()
        server: PhotoAnalysis = patient.analyze(content)
        answer = read(page, content)
        assert "error" not in answer, (name, answer)
        assert (answer["width"], answer["height"]) == (server.photo.width, server.photo.height), name
        tally.add(name, server, answer)
    return tally


def test_files_of_every_format_give_the_apis_answers(page: Page, patient: Recognizer) -> None:
    tally = compared(page, patient, FILES)
    assert tally.photos == len(FILES)
    assert tally.other_faces == []
    assert tally.different == []
    assert len(tally.near_ties) <= 1, tally.near_ties
    assert [pair for pair in tally.pairs if not (pair.same_label and pair.same_words)] == []
    assert sum(not pair.same_input for pair in tally.pairs) <= 1


def test_a_large_photo_is_read_nearly_the_same(page: Page, patient: Recognizer) -> None:
    tally = compared(page, patient, LARGE)
    assert tally.other_faces == []
    for pair in tally.pairs:
        assert pair.iou >= 0.99, pair
        assert pair.share <= 0.01, pair
        assert pair.same_label


def test_a_file_that_no_browser_decodes_is_named(page: Page) -> None:
    assert read(page, b"this is no photo")["error"] == "undecodable"
    broken = read(page, (SAMPLES / "astronaut.jpg").read_bytes()[:200])
    assert broken["error"] == "undecodable"
    again = read(page, (SAMPLES / "astronaut.jpg").read_bytes())
    assert again["faces"], "the worker goes on after an error"
