"""Look inside in a real browser: the curtain, the brush, covered parts; and the same without scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.waiting import settled

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser


def look_inside(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="A calm face").click()
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("heading", name="Look inside: face 1")).to_be_visible()


def test_a_covered_mouth_is_read_again_with_and_without_scripts(page: Page) -> None:
    look_inside(page)
    page.get_by_role("button", name="Mouth").click()
    expect(page.locator(".cover-table tbody tr")).to_have_count(7)
    expect(page.get_by_text("Without the mouth the answer is another")).to_be_visible()
    page.get_by_role("button", name="Eyes").click()
    expect(page.get_by_text("without the eyes")).to_be_visible()
    page.get_by_role("button", name="Back to the result").click()
    expect(page.locator("article.face")).to_have_count(1)


def test_with_a_script_the_page_stays_and_a_brush_covers(visit: Visit) -> None:
    page = visit()
    look_inside(page)
    page.get_by_role("button", name="Mouth").click()
    expect(page.locator(".cover-table")).to_be_visible()
    expect(page.get_by_role("heading", name="Look inside: face 1")).to_be_visible()
    page.get_by_role("button", name="Brush").click()
    canvas = page.locator("[data-brush]")
    canvas.scroll_into_view_if_needed()
    settled(page)
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 60, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + 250, box["y"] + 90, steps=4)
    page.mouse.up()
    page.get_by_role("button", name="Read what is left").click()
    expect(page.get_by_text("without that part")).to_be_visible()
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_role("button", name="Read what is left")).to_be_hidden()


def test_the_curtain_follows_the_slider_and_without_a_script_both_pictures_stand_there(visit: Visit) -> None:
    page = visit()
    page.goto("/pipeline#shrink")
    after = page.locator(".slider img").nth(1)
    page.get_by_label("From the photo to the numbers").fill("80")
    expect(after).to_have_css("clip-path", "inset(0px 0px 0px 80%)")
    plain = visit(java_script_enabled=False)
    plain.goto("/pipeline#shrink")
    expect(plain.locator(".slider input")).to_be_hidden()
    one, other = (plain.locator(".slider img").nth(place).bounding_box() for place in (0, 1))
    assert one is not None
    assert other is not None
    assert one["x"] + one["width"] <= other["x"]
