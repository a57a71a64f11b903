"""Uploading a photo in a real browser, with and without JavaScript."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from model import Recognizer
from tests.browser.form import analyse, expect_result
from tests.browser.waiting import settled, wait_until
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.helpers.server import Server

pytestmark = pytest.mark.browser

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)


def photo(content: bytes, name: str = "holiday.jpg") -> FilePayload:
    return {"name": name, "mimeType": "image/jpeg", "buffer": content}


def choose(page: Page, content: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo(content))


def test_portrait_to_result(page: Page, portrait_jpeg: bytes, recognizer: Recognizer) -> None:
    choose(page, portrait_jpeg)
    analyse(page)
    expect(page).to_have_title(re.compile("^Looks happy"))
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_visible()
    expect(page.locator("article.face")).to_have_count(1)
    expect(page.locator("article.face .stages img")).to_have_count(4)
    expect(page.get_by_role("row")).to_have_count(1 + len(recognizer.metadata.labels))
    settled(page)
    for picture in page.locator("main img").all():
        box = picture.bounding_box()
        assert box is not None
        assert box["width"] > 80


@with_script
def test_every_picture_of_the_result_is_drawn(page: Page, portrait_jpeg: bytes) -> None:
    choose(page, portrait_jpeg)
    analyse(page)
    expect(page.locator("article.face")).to_be_visible()
    wait_until(page, "[...document.images].every((image) => image.complete && image.naturalWidth > 0)")
    expect(page.locator(".pixelated")).to_have_css("image-rendering", "pixelated")


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


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_is_wider_than_the_screen(
    browser: Browser, server: Server, portrait_jpeg: bytes, width: int, scheme: str
) -> None:
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = context.new_page()
    for address in ("/", "/pipeline", "/model", "/privacy", "/nothing-here"):
        page.goto(address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, address
    choose(page, portrait_jpeg)
    analyse(page)
    expect_result(page)
    expect(page.locator("article.face")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_server_kept_nothing(server: Server, page: Page, portrait_jpeg: bytes) -> None:
    """No temporary file (ONNX Runtime's telemetry would leave one as well), no file name in the log."""
    choose(page, portrait_jpeg + bytes(2 * MEBIBYTE))
    analyse(page)
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_visible()
    assert [path for path in server.temporary.rglob("*") if path.is_file()] == []
    assert "holiday" not in server.log.read_text(errors="replace")
