"""A visitor with a real browser: uploads a photo and sees the result, with and without JavaScript."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from model import Recognizer
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.browser.conftest import Server

pytestmark = pytest.mark.browser

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)
without_script = pytest.mark.parametrize("page", ["no script"], indirect=True)

DROP = """(drop, bytes) => {
    const transfer = new DataTransfer();
    transfer.items.add(new File([new Uint8Array(bytes)], "dropped.jpg", {type: "image/jpeg"}));
    drop.dispatchEvent(new DragEvent("drop", {dataTransfer: transfer, bubbles: true, cancelable: true}));
}"""

SUBMIT_TWICE = """() => {
    const form = document.getElementById("upload");
    const sent = [];
    form.addEventListener("submit", (event) => sent.push(!event.defaultPrevented));
    form.requestSubmit();
    form.requestSubmit();
    const status = form.querySelector("[role=status]").textContent;
    return {sent, disabled: form.querySelector("[type=submit]").disabled, status};
}"""


def photo(content: bytes, name: str = "holiday.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def choose(page: Page, content: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo(content))


def analyse(page: Page) -> None:
    page.get_by_role("button", name="Analyse").click()


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file of 12 MB, on disk because Playwright hands large contents over slowly."""
    path = tmp_path / "huge.jpg"
    path.write_bytes(b"\xff\xd8" + bytes(12 * MEBIBYTE))
    return path


def test_portrait_to_result(page: Page, portrait_jpeg: bytes, recognizer: Recognizer) -> None:
    choose(page, portrait_jpeg)
    analyse(page)
    expect(page).to_have_title(re.compile("^One face found"))
    expect(page.get_by_role("heading", name="One face found")).to_be_visible()
    expect(page.locator("article.face")).to_have_count(1)
    expect(page.locator("article.face .stages img")).to_have_count(3)
    expect(page.get_by_role("row")).to_have_count(1 + len(recognizer.metadata.labels))
    for picture in page.locator("main img").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 80


@with_script
def test_every_picture_of_the_result_is_drawn(page: Page, portrait_jpeg: bytes) -> None:
    choose(page, portrait_jpeg)
    analyse(page)
    expect(page.locator("article.face")).to_be_visible()
    assert page.evaluate("[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    rendering = page.locator(".pixelated").evaluate("(image) => getComputedStyle(image).imageRendering")
    assert rendering == "pixelated"


def test_no_face(page: Page, empty_png: bytes) -> None:
    choose(page, empty_png)
    analyse(page)
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    page.get_by_role("button", name="Analyse another photo").click()
    expect(page.locator("#photo")).to_be_attached()


def test_what_is_no_photo_is_said_beside_the_field(page: Page) -> None:
    choose(page, b"dear diary")
    analyse(page)
    expect(page.locator("#photo-error")).to_be_visible()
    expect(page.locator("#photo")).to_have_attribute("aria-invalid", "true")


@without_script
def test_a_much_too_large_upload_gets_a_page_and_no_reset_connection(page: Page, huge: Path) -> None:
    page.goto("/")
    page.set_input_files("#photo", huge)
    analyse(page)
    expect(page.locator("#photo-error")).to_contain_text("larger than 8 MB")


@with_script
def test_a_too_large_photo_is_not_even_sent(page: Page, huge: Path) -> None:
    page.goto("/")
    page.set_input_files("#photo", huge)
    expect(page.locator("[data-problem]")).to_contain_text("the limit is 8.0 MB")
    analyse(page)
    assert page.url.endswith("/")


@with_script
def test_the_chosen_photo_is_shown_with_name_and_size(page: Page, portrait_jpeg: bytes) -> None:
    choose(page, portrait_jpeg)
    expect(page.locator("[data-name]")).to_have_text("holiday.jpg")
    expect(page.locator("[data-size]")).to_have_text("57 kB")
    expect(page.locator("[data-preview]")).to_be_visible()
    middle = (
        "(canvas) => canvas.getContext('2d').getImageData(canvas.width / 2, canvas.height / 2, 1, 1).data[3]"
    )
    page.wait_for_function("document.querySelector('[data-preview]').height === 320")
    assert page.locator("[data-preview]").evaluate(middle) == 255


@with_script
def test_a_photo_can_be_dropped(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.locator("[data-drop]").evaluate(DROP, list(portrait_jpeg))
    expect(page.locator("[data-name]")).to_have_text("dropped.jpg")
    analyse(page)
    expect(page.get_by_role("heading", name="One face found")).to_be_visible()


@with_script
def test_a_second_press_sends_nothing(page: Page, portrait_jpeg: bytes) -> None:
    choose(page, portrait_jpeg)
    pressed = page.evaluate(SUBMIT_TWICE)
    assert pressed == {"sent": [True, False], "disabled": True, "status": "Analysing the photo …"}
    expect(page.get_by_role("heading", name="One face found")).to_be_visible()


def test_with_the_keyboard_alone(page: Page, portrait_jpeg: bytes) -> None:
    choose(page, portrait_jpeg)
    page.locator("#photo").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Analyse")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One face found")).to_be_visible()


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, server: Server, portrait_jpeg: bytes, width: int, scheme: str
) -> None:
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    for address in ("/", "/pipeline", "/model", "/nothing-here"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    choose(page, portrait_jpeg)
    analyse(page)
    expect(page.locator("article.face")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_server_kept_nothing(server: Server, page: Page, portrait_jpeg: bytes) -> None:
    """No temporary file (ONNX Runtime's telemetry would leave one as well), no file name in the log."""
    choose(page, portrait_jpeg + bytes(2 * MEBIBYTE))
    analyse(page)
    expect(page.get_by_role("heading", name="One face found")).to_be_visible()
    assert [path for path in server.temporary.rglob("*") if path.is_file()] == []
    assert "holiday" not in server.log.read_text(errors="replace")
