"""A result in the browser's history: back and forward from memory, and kept for a reload only on request."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.form import analyse
from tests.browser.waiting import settled, still, wait_until
from webapp.samples import FOLDER

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


@pytest.fixture
def result(visit: Visit) -> Page:
    """The result of the sample portrait, on a page of its own."""
    page = visit()
    page.goto("/")
    page.locator("#samples button").first.click()
    expect(page.locator("article.face")).to_be_visible()
    # What the script shows last of all, when it listens to keys.
    expect(page.get_by_role("button", name="Keep it", exact=True)).to_be_visible()
    settled(page)
    return page


def expect_stored(page: Page, number: int) -> None:
    wait_until(page, "sessionStorage.length", number)


def test_back_and_forward_show_what_was_there_without_asking_again(result: Page, watch: object) -> None:
    assert result.url.endswith("/results")
    said = result.locator("h1").inner_text()
    result.get_by_role("button", name="Read the same face with all models").click()
    expect(result.locator(".matrix")).to_be_visible()
    expect(result).to_have_url(re.compile("/compare$"))
    settled(result)
    asked: list[str] = []
    result.on("request", lambda request: asked.append(request.url) if request.method == "POST" else None)
    result.go_back()
    expect(result.locator("h1")).to_have_text(said)
    settled(result)
    result.go_back()
    expect(result.locator("#upload")).to_be_visible()
    settled(result)
    result.go_forward()
    expect(result.locator("h1")).to_have_text(said)
    expect(result.locator("article.face")).to_be_visible()
    assert asked == []
    expect_stored(result, 0)


def test_a_reload_that_was_not_prepared_says_why_there_is_nothing(result: Page) -> None:
    result.reload()
    expect(result.get_by_role("heading", name="There is no result here")).to_be_visible()
    result.go_back()
    expect(result.locator("#upload")).to_be_visible()


def test_a_result_is_kept_for_a_reload_only_if_asked_for(result: Page) -> None:
    said = result.locator("h1").inner_text()
    result.keyboard.press("F5")
    dialog = result.get_by_role("dialog", name="Keep this result in this tab?")
    expect(dialog).to_be_visible()
    still(result)
    assert Axe().run(result).response["violations"] == []
    expect_stored(result, 0)
    dialog.get_by_role("button", name="Keep it and reload").click()
    expect(result.get_by_role("button", name="Forget")).to_be_visible()
    expect(result.locator("h1")).to_have_text(said)
    expect_stored(result, 1)
    result.reload()
    expect(result.locator("h1")).to_have_text(said)
    result.get_by_role("button", name="Forget").click()
    expect_stored(result, 0)
    result.reload()
    expect(result.get_by_role("heading", name="There is no result here")).to_be_visible()


def test_it_is_asked_once(result: Page) -> None:
    result.keyboard.press("F5")
    result.get_by_role("button", name="Reload without it").click()
    expect(result.get_by_role("heading", name="There is no result here")).to_be_visible()
    expect_stored(result, 0)


def test_a_result_that_is_too_large_is_not_kept_and_that_is_said(result: Page) -> None:
    result.evaluate(
        "window.livingPages.pages.get(window.livingPages.shown).html += ' '.repeat(4 * 1024 * 1024)"
    )
    result.get_by_role("button", name="Keep it", exact=True).click()
    expect(result.locator("[data-keep-status]")).to_contain_text("too large")
    expect_stored(result, 0)


def test_a_refused_photo_leaves_the_form_where_it_was(visit: Visit) -> None:
    page = visit()
    page.goto("/compare")
    broken = (FOLDER / "astronaut.jpg").read_bytes()[:2000]
    page.set_input_files("#photo", {"name": "half.jpg", "mimeType": "image/jpeg", "buffer": broken})
    analyse(page)
    expect(page.locator("#photo-error")).to_be_visible()
    assert page.url.endswith("/compare")
    page.reload()
    expect(page.locator("#photo-error")).to_have_count(0)
