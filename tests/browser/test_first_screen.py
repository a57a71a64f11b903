"""The answer is on the first screen: three sizes, a portrait, a landscape and a group; the photo takes half of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image, ImageOps
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.waiting import settled

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

SIZES: dict[str, ViewportSize] = {
    "1280x800": {"width": 1280, "height": 800},
    "1440x900": {"width": 1440, "height": 900},
    "390x844": {"width": 390, "height": 844},
}


def encoded(photo: Image.Image) -> bytes:
    buffer = io.BytesIO()
    photo.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


@pytest.fixture(scope="module")
def photos(portrait_jpeg: bytes, crowd_jpeg: bytes) -> dict[str, bytes]:
    """As phones and cameras make them, of the committed portrait: 9:16, 3:2, and 24 faces."""
    portrait = Image.open(io.BytesIO(portrait_jpeg))
    return {
        "portrait": encoded(ImageOps.fit(portrait, (900, 1600))),
        "landscape": encoded(ImageOps.pad(portrait, (1800, 1200), color=(90, 110, 120))),
        "group": crowd_jpeg,
    }


def bottom(page: Page, selector: str) -> float:
    """Where an element of the whole page ends, in pixels from the top of the screen."""
    settled(page)
    box = page.locator(selector).first.bounding_box()
    assert box is not None, f"{selector} is not shown"
    return box["y"] + box["height"]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["portrait", "landscape", "group"])
def test_the_answer_is_on_the_first_screen(
    visit: Visit, photos: dict[str, bytes], kind: str, size: str
) -> None:
    page = visit(viewport=SIZES[size], java_script_enabled=False)
    page.goto("/")
    page.set_input_files("#photo", {"name": f"{kind}.jpg", "mimeType": "image/jpeg", "buffer": photos[kind]})
    page.get_by_role("button", name="Analyse").click()
    height = SIZES[size]["height"]
    expect(page.locator("h1")).to_have_text("All 24 look happy" if kind == "group" else "Looks happy.")
    assert bottom(page, "h1") <= height
    # Of one face the ten people, of a group the first face's.
    assert bottom(page, ".people") <= height
    picture = page.locator(".frame img").bounding_box()
    assert picture is not None
    assert picture["height"] <= height / 2 + 1
    assert picture["y"] + picture["height"] <= height, "the whole photo is on it, too"
    marks = page.locator(".marks").bounding_box()
    assert marks == pytest.approx(picture, abs=1), "the marks lie on the photo exactly"
