"""Submitting the form in a real browser: only once, by keyboard, progress display, screen widths."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.form import analyse, expect_result, photo, with_script
from tests.browser.waiting import settled, wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

SUBMIT_TWICE = """(id) => {
    const form = document.getElementById(id);
    const sent = [];
    form.addEventListener("submit", (event) => sent.push(!event.defaultPrevented));
    const button = form.querySelector("[type=submit]");
    form.requestSubmit(button);
    form.requestSubmit(button);
    return {sent, status: form.querySelector("[role=status]").textContent};
}"""


@with_script
def test_a_second_press_sends_nothing(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", [photo(portrait_jpeg), photo(portrait_jpeg, "other.jpg")])
    expect(page.locator("[data-chosen] li")).to_have_count(2)
    expect(page.locator("[data-chosen] [aria-busy]")).to_have_count(0)
    pressed = page.evaluate(SUBMIT_TWICE, "upload")
    assert pressed == {"sent": [True, False], "status": "Sending and analysing 2 photos …"}
    expect_result(page)
    page.goto("/")
    pressed = page.evaluate(SUBMIT_TWICE, "samples")
    assert pressed == {"sent": [True, False], "status": "Analysing the sample …"}
    expect_result(page)


@with_script
def test_while_it_works_the_page_shows_it(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", [photo(portrait_jpeg), photo(portrait_jpeg, "other.jpg")])
    page.evaluate(
        "document.getElementById('upload').addEventListener('submit', (event) => event.preventDefault())"
    )
    analyse(page)
    # After some seconds it says something else.
    expect(page.locator("#upload [role=status]")).to_have_text("Sending and analysing 2 photos …")
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true")
    expect(page.get_by_role("progressbar", name="Sending and analysing")).to_be_visible()
    expect(page.get_by_role("button", name="Analyse")).to_be_disabled()


@with_script
def test_back_from_the_result_the_form_works_again(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo(portrait_jpeg))
    analyse(page)
    expect_result(page)
    page.go_back()
    expect(page.locator("#upload")).not_to_have_attribute("aria-busy", "true")
    settled(page)
    expect(page.get_by_role("progressbar")).to_be_hidden()
    page.set_input_files("#photo", photo(portrait_jpeg, "second.jpg"))
    analyse(page)
    expect_result(page)


COUNT_CLICKS = """() => {
    window.clicks = 0;
    document.querySelector("#photo").addEventListener("click", (event) => {
        window.clicks += 1;
        event.preventDefault();
    });
}"""


def test_with_the_keyboard_alone(page: Page, portrait_jpeg: bytes, request: pytest.FixtureRequest) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    if not page.locator("#photo").evaluate("(field) => field.matches(':focus')"):
        # With scripts the strip beside the headline can be played again.
        page.keyboard.press("Tab")
    expect(page.locator("#photo")).to_be_focused()
    # Playwright does not reliably report a file dialog that a key opens. With scripts, the click event that the key
    # causes, which opens it, can be counted.
    if request.node.callspec.params["page"] == "script":
        page.evaluate(COUNT_CLICKS)
        page.keyboard.press("Space")
        wait_until(page, "window.clicks", 1)
    page.locator("#photo").set_input_files([photo(portrait_jpeg), photo(portrait_jpeg, "other.jpg")])
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.get_by_role("button", name="Analyse").evaluate("(button) => button.matches(':focus')"):
            break
    expect(page.get_by_role("button", name="Analyse")).to_be_focused()
    page.keyboard.press("Enter")
    expect_result(page)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_wider_than_the_screen(
    visit: Visit, portrait_jpeg: bytes, width: int, scheme: str, tmp_path: Path
) -> None:
    page = visit(viewport={"width": width, "height": 800}, color_scheme=scheme, permissions=["camera"])
    page.goto("/privacy")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/")
    long = "a-very-long-name-without-a-single-space-in-it-" * 3
    page.set_input_files(
        "#photo", [photo(portrait_jpeg, f"{long}{number}.jpg") for number in range(5)] + [photo(b"", "b.jpg")]
    )
    expect(page.locator("[data-chosen] li")).to_have_count(6)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog video")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    box = page.locator("dialog article").bounding_box()
    assert box is not None
    assert box["width"] <= width
