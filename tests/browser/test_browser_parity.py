"""What the reader in the browser makes of a file is what the API makes of it, whatever its format."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image, ImageCms, features
from playwright.sync_api import Error, Page

from bench.parity.compare import Tally
from model import PhotoAnalysis, Recognizer
from model.detection.detector import MtcnnDetector
from model.photo.load import CorruptPhoto
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
REGION = """async ([content, box]) => {
    const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
    const {crop, aligned, attention, ...face} = await window.reading.region(bytes.buffer, box);
    return {...face, shares: Array.from(face.shares), logits: Array.from(face.logits), input: Array.from(face.input)};
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


def cut_off(kind: str, missing: int | float, **options: Any) -> bytes:
    """The portrait without so many of its last bytes, or such a share of them."""
    content = saved(portrait(), kind, **options)
    return content[: len(content) - (missing if isinstance(missing, int) else round(missing * len(content)))]


def without_finest_detail() -> bytes:
    content = saved(portrait(), "JPEG", quality=90, progressive=True)
    return content[: content.rindex(b"\xff\xda") + 40]


# Files whose end is missing, which the server reads and marks.
CUT: dict[str, Callable[[], bytes]] = {
    "jpeg without its end": lambda: cut_off("JPEG", 2, quality=90),
    "jpeg without a twentieth": lambda: cut_off("JPEG", 0.05, quality=90),
    "jpeg gray without its end": lambda: saved(portrait().convert("L"), "JPEG", quality=90)[:-30],
    "jpeg progressive without its finest detail": without_finest_detail,
    "jpeg whose end is zeros": lambda: cut_off("JPEG", 40, quality=90) + bytes(40),
    "png without its end": lambda: cut_off("PNG", 12),
    "png without its checksum": lambda: cut_off("PNG", 18),
    "png without a twentieth": lambda: cut_off("PNG", 0.05),
    "png exif 6 without a twentieth": lambda: cut_off("PNG", 0.05, exif=turned(6)),
}
TOO_SHORT: dict[str, Callable[[], bytes]] = {
    "jpeg": lambda: cut_off("JPEG", 0.4, quality=90),
    "jpeg progressive": lambda: cut_off("JPEG", 0.97, quality=90, progressive=True),
    "png": lambda: cut_off("PNG", 0.4),
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


def compared(page: Page, patient: Recognizer, files: Mapping[str, Callable[[], bytes]]) -> Tally:
    tally = Tally()
    for name, make in files.items():
        content = make()
        server: PhotoAnalysis = patient.analyze(content)
        answer = read(page, content)
        assert "error" not in answer, (name, answer)
        assert (answer["width"], answer["height"]) == (server.photo.width, server.photo.height), name
        assert answer["truncated"] == server.photo.truncated, name
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


def test_files_whose_end_is_missing_are_read_and_marked(page: Page, patient: Recognizer) -> None:
    assert all(patient.analyze(make()).photo.truncated for make in CUT.values())
    tally = compared(page, patient, CUT)
    assert tally.other_faces == []
    assert tally.different == []
    assert [pair for pair in tally.pairs if not (pair.same_label and pair.same_words)] == []


@pytest.mark.parametrize("name", TOO_SHORT)
def test_a_file_that_lacks_too_much_is_refused_as_by_the_server(
    page: Page, patient: Recognizer, name: str
) -> None:
    content = TOO_SHORT[name]()
    with pytest.raises(CorruptPhoto, match="large part"):
        patient.analyze(content)
    assert read(page, content)["error"] == "incomplete"


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow cannot write AVIF")
def test_avif_is_read_as_the_api_reads_it(page: Page, patient: Recognizer) -> None:
    makers: dict[str, Callable[[], bytes]] = {
        f"avif {sampling}": partial(saved, portrait(), "AVIF", quality=80, subsampling=sampling)
        for sampling in ("4:2:0", "4:4:4")
    }
    makers["avif exif 6"] = lambda: saved(portrait(), "AVIF", quality=80, exif=turned(6))
    tally = compared(page, patient, makers)
    assert tally.other_faces == []
    assert tally.different == []
    assert len(tally.pairs) == len(makers)
    assert all(pair.same_label and pair.same_words for pair in tally.pairs)


@pytest.mark.parametrize(
    ("name", "box"),
    [
        ("jpeg", (150.0, 20.0, 180.0, 200.0)),
        ("jpeg exif 6", (-30.0, 300.0, 200.0, 500.0)),
        ("jpeg of 12 megapixels", (1021.0, 101.0, 1333.0, 1240.0)),
    ],
)
def test_a_part_that_is_pointed_at_is_read_as_the_api_reads_it(
    page: Page, patient: Recognizer, name: str, box: tuple[float, float, float, float]
) -> None:
    content = {**FILES, **LARGE}[name]()
    (expected,) = patient.analyze(content, region=box).faces
    got = page.evaluate(REGION, [base64.b64encode(content).decode(), box])
    assert (got["source"], got["score"], got["landmarks"]) == ("region", 0, {})
    assert got["box"] == pytest.approx(expected.box)
    assert got["square"] == pytest.approx(expected.crop.square)
    assert got["quality"]["warnings"] == list(expected.quality.warnings)
    assert got["shares"] == pytest.approx(
        expected.prediction.probabilities, abs=1e-2 if name in LARGE else 1e-4
    )
    if name not in LARGE:
        assert got["input"] == expected.network_input.ravel().tolist()


def test_a_part_that_is_too_small_is_refused(page: Page) -> None:
    content = base64.b64encode(FILES["jpeg"]()).decode()
    with pytest.raises(Error, match="smaller than 8"):
        page.evaluate(REGION, [content, (10.0, 10.0, 5.0, 40.0)])


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
