"""Photos beyond the server's limits are made smaller in the browser, the others are sent as they are."""

from __future__ import annotations

import base64
import io
import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from model.photo.load import load_photo
from tests.browser.form import HOLD, analyse, expect_result, photo
from tests.browser.waiting import settled, wait_until
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

ORIENTATION, MAKER = 0x0112, 0x010F
# What is sent, read from the field that the form sends.
SENT = """async () => {
    const file = document.getElementById("photo").files[0];
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text = "";
    for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
    return {name: file.name, type: file.type, size: file.size, content: btoa(text)};
}"""


def held(visit: Visit, path: Path | str, **options: Any) -> tuple[Page, dict[str, Any]]:
    """Choose a photo and return what would be sent of it, without sending it."""
    page = visit(**options)
    page.goto("/")
    page.evaluate(HOLD)
    page.set_input_files("#photo", path)
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true", timeout=90_000)
    return page, page.evaluate(SENT)


def opened(sent: dict[str, Any]) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(sent["content"])))


def scene(crowd: bytes, size: tuple[int, int], width: int) -> Image.Image:
    """The crowd's 24 faces, ``width`` pixels across, on a grainy ground of another size, as photos have."""
    across, down = size
    grain = np.random.default_rng(3).normal(118, 9, (down // 4, across // 4, 3)).clip(0, 255).astype(np.uint8)
    ground = Image.fromarray(grain).resize(size, Image.Resampling.BICUBIC)
    crowded = Image.open(io.BytesIO(crowd))
    faces = crowded.resize((width, width * crowded.height // crowded.width), Image.Resampling.BICUBIC)
    ground.paste(faces, ((across - faces.width) // 2, (down - faces.height) // 2))
    return ground


def save(picture: Image.Image, path: Path, **options: Any) -> Path:
    picture.save(path, **{"quality": 88, **options})
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("photos")


@pytest.fixture(scope="module")
def phone_photo(folder: Path, crowd_jpeg: bytes) -> Path:
    """48 megapixels, progressive 4:4:4: 288 MB of coefficients, held upright by its EXIF data."""
    picture = scene(crowd_jpeg, (8000, 6000), 5400).transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[ORIENTATION], exif[MAKER] = 6, "a telltale maker"
    return save(picture, folder / "phone.jpg", progressive=True, subsampling=0, exif=exif)


def test_a_photo_of_48_megapixels_is_read(visit: Visit, phone_photo: Path) -> None:
    page, sent = held(
        visit, phone_photo, viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True
    )
    assert (sent["name"], sent["type"]) == ("phone.jpg", "image/jpeg")
    assert sent["size"] <= 3_000_000
    picture = opened(sent)
    assert picture.width > picture.height, "upright"
    assert picture.width >= 4096
    assert picture.width / picture.height == pytest.approx(8 / 6, abs=0.001)
    assert not picture.getexif()
    assert b"telltale" not in base64.b64decode(sent["content"])
    expect(page.locator("[data-size]")).to_contain_text("sent as")


def test_without_scripts_the_server_names_the_way_out(visit: Visit, phone_photo: Path) -> None:
    page = visit(java_script_enabled=False)
    page.goto("/")
    page.set_input_files("#photo", phone_photo)
    analyse(page)
    expect(page.locator("#photo-error")).to_contain_text("larger than 8 MB")


def faces_of(page: Page, path: Path) -> tuple[list[int], list[list[float]]]:
    """Return the size of the photo that the server read, and the boxes of its answer as shares of it."""
    page.goto("/")
    page.set_input_files("#photo", path)
    analyse(page)
    expect_result(page)
    with page.expect_download() as waiting:
        page.get_by_role("button", name="JSON", exact=True).click()
    (photo,) = json.loads(Path(waiting.value.path()).read_text(encoding="utf-8"))
    size = [photo["width"], photo["height"]]
    boxes = [[place / size[axis % 2] for axis, place in enumerate(face["box"])] for face in photo["faces"]]
    return size, boxes


def shared(one: list[float], other: list[float]) -> float:
    """The area that two boxes share, of the area that they cover."""
    sides = [
        max(0.0, min(one[axis] + one[axis + 2], other[axis] + other[axis + 2]) - max(one[axis], other[axis]))
        for axis in (0, 1)
    ]
    both = sides[0] * sides[1]
    return both / (one[2] * one[3] + other[2] * other[3] - both)


@pytest.mark.parametrize(
    ("size", "width"), [((6400, 4800), 3600), ((12000, 1500), 1900)], ids=["group", "panorama"]
)
def test_the_same_faces_with_and_without_scripts(
    visit: Visit, folder: Path, crowd_jpeg: bytes, size: tuple[int, int], width: int
) -> None:
    """The same picture, once as the server takes it, once as only the browser can make it fit."""
    picture = scene(crowd_jpeg, size, width)
    plain = save(picture, folder / "plain.jpg")
    assert plain.stat().st_size < 8 * MEBIBYTE
    load_photo(plain)
    heavy = save(picture, folder / "heavy.jpg", progressive=True, subsampling=0)
    _, without = faces_of(visit(java_script_enabled=False), plain)
    sent, scripted = faces_of(visit(), heavy)
    assert max(sent) >= 4096
    assert min(sent) >= 1500
    assert len(scripted) == len(without) == 24
    assert all(max(shared(box, other) for other in without) > 0.7 for box in scripted)


def test_what_fits_is_sent_byte_by_byte(visit: Visit, portrait_jpeg: bytes, folder: Path) -> None:
    path = folder / "portrait.jpg"
    path.write_bytes(portrait_jpeg)
    page, sent = held(visit, path)
    assert sent["size"] == len(portrait_jpeg)
    expect(page.locator("[data-size]")).to_have_text("57 kB")


def test_too_many_bytes_together_are_made_fewer(visit: Visit, folder: Path) -> None:
    """Six photos of 7 MB each, and 32 MB are taken at once."""
    grain = np.random.default_rng(5).integers(0, 255, (2300, 3100, 3), np.uint8)
    path = save(Image.fromarray(grain), folder / "grain.jpg", quality=92)
    assert 5.6 * MEBIBYTE < path.stat().st_size < 8 * MEBIBYTE
    copies = [shutil.copy(path, folder / f"grain-{number}.jpg") for number in range(6)]
    page = visit()
    page.goto("/")
    page.evaluate(HOLD)
    page.set_input_files("#photo", copies)
    analyse(page)
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true", timeout=90_000)
    sizes = page.evaluate("[...document.getElementById('photo').files].map((file) => file.size)")
    assert sum(sizes) <= 32 * MEBIBYTE


def test_one_chosen_photo_starts_by_itself(visit: Visit, portrait_jpeg: bytes) -> None:
    page = visit()
    page.goto("/")
    page.set_input_files("#photo", photo(portrait_jpeg))
    expect_result(page)


def test_several_wait_and_the_button_is_on_the_screen(visit: Visit, portrait_jpeg: bytes) -> None:
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.goto("/")
    page.locator("label[for=photo]").scroll_into_view_if_needed()
    page.set_input_files("#photo", [photo(portrait_jpeg, f"{number}.jpg") for number in range(10)])
    wait_until(page, "document.querySelectorAll('[data-chosen] li').length", 10)
    expect(page.get_by_role("button", name="Analyse")).to_be_in_viewport(ratio=1)
    assert page.url.endswith("/")


LOW = """() => [...document.querySelectorAll("a, button, summary, select, input:not([type=hidden]), .way label")]
    .filter((element) => element.checkVisibility() && !element.closest("p, small, dd, figcaption"))
    .filter((element) => element.tagName !== "A" || getComputedStyle(element).display !== "inline")
    .filter((element) => element.type !== "file" && element.type !== "radio")
    .map((element) => [element.outerHTML.slice(0, 80), element.getBoundingClientRect()])
    .filter(([, {width, height}]) => Math.min(width, height) < 43.5)
    .map(([text, {width, height}]) => `${Math.round(width)}×${Math.round(height)} ${text}`)"""


@pytest.mark.parametrize(
    "address", ["/", "/model", "/private", "/guess/portrait", "/api", "/pipeline", "/nothing-here"]
)
def test_what_is_pressed_is_as_large_as_a_fingertip(visit: Visit, address: str) -> None:
    """Links inside sentences are as high as their line."""
    page = visit(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True)
    page.goto(address)
    settled(page)
    assert page.evaluate(LOW) == []
