"""The start page's first five seconds: a face becomes numbers, once, without moving anything around it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import ViewportSize, expect

from tests.browser.test_first_screen import SIZES, bottom
from tests.browser.waiting import wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

OURS = "document.querySelector('.strip').getAnimations({subtree: true})"
ENDS = f"Math.max(0, ...{OURS}.map((one) => one.effect.getComputedTiming().endTime))"
SHIFTS = """() => new Promise((done) => {
    let sum = 0;
    new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => done(sum)));
})"""


PLAYS = f"{OURS}.some((one) => one.playState === 'running')"


def test_it_plays_once_for_five_seconds_at_most(visit: Visit) -> None:
    page = visit(reduced_motion="no-preference")
    page.goto("/")
    assert 0 < page.evaluate(ENDS) <= 5000
    assert page.evaluate(f"{OURS}.every((one) => one.effect.getComputedTiming().iterations === 1)")
    assert page.evaluate(f"{OURS}.length") >= 14, "the box, the pictures, ten people"


def test_it_is_played_again_on_request(visit: Visit) -> None:
    page = visit(reduced_motion="no-preference")
    page.goto("/")
    page.evaluate(f"{OURS}.forEach((one) => one.finish())")
    wait_until(page, PLAYS, False)
    page.get_by_role("button", name="Play again").click()
    wait_until(page, PLAYS)
    wait_until(page, f"{OURS}.every((one) => one.playState === 'finished')")


def test_nothing_moves_around_it(visit: Visit) -> None:
    page = visit(reduced_motion="no-preference")
    page.goto("/")
    page.evaluate(f"{OURS}.forEach((one) => one.finish())")
    assert page.evaluate(SHIFTS) < 0.02


def test_where_motion_is_unwelcome_it_is_still(visit: Visit) -> None:
    page = visit(reduced_motion="reduce")
    page.goto("/")
    assert page.evaluate(f"{OURS}.length") == 0
    expect(page.locator(".strip img")).to_have_count(4)
    expect(page.locator(".strip .people")).to_be_visible()
    expect(page.get_by_role("button", name="Play again")).to_be_hidden()


@pytest.mark.parametrize("size", SIZES.values(), ids=SIZES)
@pytest.mark.parametrize("script", [True, False])
def test_strip_and_choice_are_on_the_first_screen(visit: Visit, size: ViewportSize, script: bool) -> None:
    page = visit(viewport=size, java_script_enabled=script, reduced_motion="no-preference")
    page.goto("/")
    assert bottom(page, ".strip") <= size["height"]
    assert bottom(page, "label[for=photo]") <= size["height"]
    again = page.get_by_role("button", name="Play again")
    expect(again).to_be_visible(visible=script)
