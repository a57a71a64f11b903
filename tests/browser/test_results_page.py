"""The results page in a real browser: several photos, many faces, marking a region, downloads, print."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.form import analyse
from tests.browser.waiting import settled, still, wait_for, wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)
without_script = pytest.mark.parametrize("page", ["no script"], indirect=True)


def send(page: Page, *photos: tuple[str, bytes]) -> None:
    """Choose the photos, press Analyse, and wait for the results."""
    files: list[FilePayload] = [
        {"name": name, "mimeType": "image/jpeg", "buffer": content} for name, content in photos
    ]
    page.goto("/")
    page.set_input_files("#photo", files)
    analyse(page)
    expect(page.get_by_role("heading", name="Take it with you")).to_be_visible()
    settled(page)
    # A result that was fetched takes the focus to its heading, once it is there.
    if page.evaluate("history.state !== null"):
        expect(page.locator("h1")).to_be_focused()


def numbers(page: Page) -> list[int]:
    """The box in the fields: left, top, width, height."""
    return [int(page.get_by_label(name, exact=True).input_value()) for name in FIELDS]


def expect_numbers(page: Page, expected: Any, what: str = "") -> None:
    """Wait until the fields have this box."""
    wait_for(page, lambda: numbers(page), expected, what)


FIELDS = ("Left", "Top", "Width", "Height")


def take(page: Page, button: str) -> tuple[str, bytes]:
    """Press a button that downloads; return the file's name and content."""
    with page.expect_download() as download:
        page.get_by_role("button", name=button).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def assert_fits(page: Page) -> None:
    still(page)
    width = page.viewport_size["width"] if page.viewport_size else 0
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_several_photos(page: Page, portrait_jpeg: bytes, empty_png: bytes) -> None:
    send(page, ("anna.jpg", portrait_jpeg), ("wall.png", empty_png), ("diary.jpg", b"dear diary"))
    expect(page.locator("h1")).to_have_text("Three photos, one face")
    expect(page.locator(".one-photo")).to_have_count(3)
    expect(page.get_by_role("heading", name="anna.jpg")).to_be_visible()
    expect(page.locator(".one-photo .field-error")).to_contain_text("could not be read")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_is_content_and_nothing_is_too_wide_on_a_phone(
    visit: Visit, portrait_jpeg: bytes, empty_png: bytes, crowd_jpeg: bytes, dark: bool
) -> None:
    page = visit(viewport={"width": 360, "height": 740}, color_scheme="dark" if dark else "light")
    for photos in (
        (("crowd.jpg", crowd_jpeg),),
        (("anna.jpg", portrait_jpeg), ("wall.png", empty_png), ("diary.jpg", b"dear diary")),
    ):
        send(page, *photos)
        folded = page.locator("details:not([open]) > summary:visible")
        for _ in range(min(3, folded.count())):
            folded.first.click()
        assert_fits(page)
        assert Axe().run(page).response["violations"] == []
    page.get_by_role("button", name="Use the whole photo").click()
    expect(page.locator("article.pointed")).to_be_visible()
    assert_fits(page)
    assert Axe().run(page).response["violations"] == []


@with_script
def test_a_box_is_drawn_with_the_mouse(page: Page, empty_png: bytes) -> None:
    send(page, ("wall.png", empty_png))
    canvas = page.locator("svg.drawing")
    canvas.scroll_into_view_if_needed()
    area = canvas.bounding_box()
    assert area is not None
    scale = area["width"] / 320

    def drag(start: tuple[int, int], end: tuple[int, int]) -> None:
        page.mouse.move(area["x"] + start[0] * scale, area["y"] + start[1] * scale)
        page.mouse.down()
        page.mouse.move(area["x"] + end[0] * scale, area["y"] + end[1] * scale, steps=4)
        page.mouse.up()

    drag((100, 60), (200, 160))
    expect_numbers(page, pytest.approx([100, 60, 100, 100], abs=2))
    drag((150, 110), (170, 120))
    expect_numbers(page, pytest.approx([120, 70, 100, 100], abs=3), "the box moves")
    drag((220, 170), (180, 130))
    expect_numbers(page, pytest.approx([120, 70, 60, 60], abs=4), "its corner makes it smaller")
    drag((300, 200), (900, 900))
    left, top, width, height = numbers(page)
    assert width == height
    assert left + width <= 320
    assert top + height <= 240
    page.get_by_role("button", name="Read this part").click()
    expect(page.locator("article.pointed")).to_contain_text("No face was detected here")


def test_a_box_is_typed_with_the_keyboard(page: Page, empty_png: bytes) -> None:
    send(page, ("wall.png", empty_png))
    page.get_by_label("Left", exact=True).focus()
    for value in ("40", "30", "120", "110"):
        page.keyboard.press("Control+A")
        page.keyboard.type(value)
        page.keyboard.press("Tab")
    expect_numbers(page, [40, 30, 120, 110])
    drawn = page.locator("svg.drawing rect.edge").last
    if drawn.count():
        for name, value in (("x", "40"), ("width", "120")):
            expect(drawn).to_have_attribute(name, value)
    expect(page.get_by_role("button", name="Read this part")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("article.pointed")).to_be_visible()
    page.get_by_text("Point at another part").click()
    expect_numbers(page, [40, 30, 120, 110])


@without_script
def test_the_whole_photo_without_a_script(page: Page, empty_png: bytes) -> None:
    send(page, ("wall.png", empty_png))
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    page.get_by_role("button", name="Use the whole photo").click()
    expect(page.get_by_role("heading", name="You pointed here")).to_be_visible()
    expect(page.locator("article.pointed .badge")).to_have_text("No face detected here")


def test_downloads_can_be_opened(page: Page, portrait_jpeg: bytes) -> None:
    send(page, ("Anna & Ben.jpg", portrait_jpeg))
    name, content = take(page, "JSON")
    assert name == "Anna-Ben-emotions.json"
    (result,) = json.loads(content)
    assert len(result["faces"]) == 1
    name, content = take(page, "CSV")
    assert name == "Anna-Ben-emotions.csv"
    (row,) = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    assert row["emotion"] == result["faces"][0]["emotion"]
    name, content = take(page, "Picture (PNG)")
    assert name == "Anna-Ben-emotions.png"
    assert Image.open(io.BytesIO(content)).size[0] == 1200
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_visible()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_print_shows_the_findings_and_no_buttons(visit: Visit, crowd_jpeg: bytes, dark: bool) -> None:
    page = visit(viewport={"width": 720, "height": 1000}, color_scheme="dark" if dark else "light")
    send(page, ("crowd.jpg", crowd_jpeg))
    page.locator("[data-open]").last.click()
    expect(page.locator("#photo-1-face-24 .chart")).to_be_visible()
    page.emulate_media(media="print")
    expect(page.locator(".photo img")).to_be_visible()
    expect(page.locator(".face-row .brief")).to_have_count(24)
    expect(page.locator("#photo-1-face-24 .chart")).to_be_visible()
    expect(page.locator("button:visible, nav ul:visible, [role=button]:visible")).to_have_count(0)
    parts = "[...document.querySelectorAll('html, article.face')]"
    colours = f"{parts}.map((part) => getComputedStyle(part).backgroundColor)"
    wait_until(page, f"[...new Set({colours})]", ["rgb(255, 255, 255)"])
