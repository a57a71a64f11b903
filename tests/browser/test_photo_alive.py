"""The photo of a result in a real browser: marks that lead to cards and can be hidden, a box by mouse, tap and key."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.test_first_screen import bottom
from tests.browser.waiting import settled, wait_for
from webapp.samples import FOLDER

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

FIELDS = ("Left", "Top", "Width", "Height")


def press_sample(page: Page, name: str) -> None:
    page.goto("/")
    page.locator(f'button[name="sample"][value="{name}"]').click()
    expect(page.locator("#take-heading")).to_be_visible()
    settled(page)


def numbers(page: Page) -> list[int]:
    """The box in the fields: left, top, width, height."""
    return [int(page.get_by_label(name, exact=True).input_value()) for name in FIELDS]


def drawing(page: Page) -> Locator:
    """What is drawn on, once "A face missing?" was pressed."""
    page.get_by_text("A face missing? Draw a box").click()
    svg = page.locator("svg.drawing")
    expect(svg).to_be_visible()
    return svg


def test_marks_lead_to_the_card_and_back(page: Page) -> None:
    press_sample(page, "together")
    page.locator(".face-mark").nth(1).click()
    expect(page).to_have_url(re.compile("#photo-1-face-2$"))
    expect(page.locator("#photo-1-face-2")).to_be_in_viewport()
    page.locator("#photo-1-face-2 .on-photo").click()
    expect(page).to_have_url(re.compile("#photo-1-face-2-mark$"))
    expect(page.locator(".frame img")).to_be_in_viewport()


def test_marks_can_be_hidden(page: Page) -> None:
    press_sample(page, "together")
    expect(page.locator(".marks")).to_be_visible()
    page.get_by_label("Show the marks").uncheck()
    expect(page.locator(".marks")).to_be_hidden()
    page.get_by_label("Show the marks").check()
    expect(page.locator(".marks")).to_be_visible()


def test_lines_are_as_thin_on_a_phone_as_on_a_screen(visit: Visit) -> None:
    for width in (390, 1440):
        page = visit(viewport={"width": width, "height": 844})
        press_sample(page, "together")
        line = page.locator(".face-mark .line").first
        expect(line).to_have_css("vector-effect", "non-scaling-stroke")
        assert bottom(page, ".frame img") <= 844


def test_a_box_by_the_arrow_keys(visit: Visit) -> None:
    page = visit()
    press_sample(page, "together")
    svg = drawing(page)
    before = numbers(page)
    svg.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    wait_for(
        page,
        lambda: [now > then for now, then in zip(numbers(page)[:2], before[:2], strict=True)],
        [True, True],
    )
    assert numbers(page)[2:] == before[2:]
    page.keyboard.press("Shift+ArrowLeft")
    wait_for(page, lambda: numbers(page)[2] == numbers(page)[3] < before[2], what="a square, smaller")
    for _ in range(200):
        page.keyboard.press("ArrowLeft")
    wait_for(page, lambda: numbers(page)[0], 0, "not beyond the photo")


def test_a_box_by_two_taps_and_a_finger_that_scrolls(visit: Visit) -> None:
    page = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    press_sample(page, "together")
    svg = drawing(page)
    svg.scroll_into_view_if_needed()
    area = svg.bounding_box()
    assert area is not None
    scale = int(page.get_by_label("Width", exact=True).get_attribute("max") or 0) / area["width"]
    page.touchscreen.tap(area["x"] + 60, area["y"] + 40)
    page.touchscreen.tap(area["x"] + 160, area["y"] + 140)
    box = pytest.approx([scale * each for each in (60, 40, 100, 100)], abs=4 * scale)
    wait_for(page, lambda: numbers(page), box)
    # The browser may pan in all directions from anywhere but the corners.
    expect(svg).to_have_css("touch-action", "manipulation")


def test_the_box_is_read_beside_the_faces_that_were_found(page: Page) -> None:
    press_sample(page, "together")
    page.get_by_text("A face missing? Draw a box").click()
    page.get_by_role("button", name="Read this part").click()
    expect(page.locator("article.face.pointed")).to_have_count(1)
    expect(page.locator(".face-mark")).to_have_count(3)


def test_a_box_is_dragged_with_the_mouse(visit: Visit) -> None:
    page = visit()
    press_sample(page, "together")
    svg = drawing(page)
    area = svg.bounding_box()
    assert area is not None
    scale = int(page.get_by_label("Width", exact=True).get_attribute("max") or 0) / area["width"]
    page.mouse.move(area["x"] + 50, area["y"] + 30)
    page.mouse.down()
    page.mouse.move(area["x"] + 150, area["y"] + 130, steps=4)
    page.mouse.up()
    box = pytest.approx([scale * each for each in (50, 30, 100, 100)], abs=3 * scale)
    wait_for(page, lambda: numbers(page), box)
    expect(page.locator(".marks")).to_be_hidden()


def test_the_sample_of_two_is_there() -> None:
    assert (FOLDER / "together.jpg").is_file()
