"""The mirror where there is little light, more than one camera, or a slow device."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.in_browser import PATIENCE, SAMPLES, get_ready, with_worker
from tests.browser.test_camera import STATES, WITNESS
from tests.browser.waiting import wait_until
from tests.helpers.films import run_ffmpeg

if TYPE_CHECKING:
    from tests.browser.conftest import Watch
    from tests.helpers.server import Server

pytestmark = pytest.mark.browser

OPENED = "window.streams.map((stream) => stream.getVideoTracks()[0].getSettings().deviceId)"
DELAY = """
addEventListener("message", (event) => {
    if (event.data.type !== "frame") return;
    const until = performance.now() + 500;
    while (performance.now() < until);
});
"""


@pytest.fixture(scope="module")
def in_the_dark(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Chromium with a camera that sees a face with hardly any light on it."""
    film = tmp_path_factory.mktemp("dark") / "dark.y4m"
    dim = "scale=480:480,pad=640:480:80:0,lutyuv=y='16+(val-16)*0.22',fps=30,format=yuv420p"
    run_ffmpeg("-loop", 1, "-t", 1, "-i", SAMPLES / "astronaut.jpg", "-vf", dim, film)
    return launch(f"--use-file-for-fake-video-capture={film}")


@pytest.fixture(scope="module")
def with_two_cameras(launch: Callable[..., Browser]) -> Browser:
    return launch("--use-fake-device-for-media-stream=device-count=2")


@pytest.fixture
def mirror(server: Server, watch: Watch) -> Iterator[Callable[..., Page]]:
    """Open the page in a browser, with everything loaded; the camera is not started."""
    opened: list[Page] = []

    def open_page(browser: Browser, before: str = "") -> Page:
        page = browser.new_context(base_url=server.address, permissions=["camera"]).new_page()
        opened.append(page)
        watch.follow(page)
        page.add_init_script(WITNESS)
        if before:
            with_worker(page, before)
        get_ready(page, "/live")
        return page

    yield open_page
    for page in opened:
        page.context.close()
    assert watch.complaints == []


def test_in_the_dark_it_says_so_instead_of_guessing(
    mirror: Callable[..., Page], in_the_dark: Browser
) -> None:
    page = mirror(in_the_dark)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live-face .answer")).to_have_text("Too dark to read", timeout=PATIENCE)
    expect(page.locator("[data-said]")).to_have_text(re.compile(r"Face \d+: Too dark to read\."))
    # A round counts no answer that was not given.
    page.get_by_role("button", name="A round of ten").click()
    expect(page.locator("[data-score]")).to_have_text(re.compile(r"^0 of \d+"), timeout=PATIENCE)


def test_one_of_two_cameras_is_chosen_and_the_other_let_go(
    mirror: Callable[..., Page], with_two_cameras: Browser
) -> None:
    page = mirror(with_two_cameras)
    page.get_by_role("button", name="Start the camera").click()
    choice = page.locator("[data-cameras]")
    expect(choice).to_be_visible(timeout=PATIENCE)
    expect(choice.locator("option")).to_have_count(2)
    (first,) = page.evaluate(OPENED)
    expect(choice).to_have_value(first)
    other = next(
        value
        for value in choice.locator("option").evaluate_all("(all) => all.map((one) => one.value)")
        if value != first
    )
    choice.select_option(other)
    wait_until(page, STATES, [["video", "ended"], ["video", "live"]])
    assert page.evaluate(OPENED)[1] == other
    expect(choice).to_have_value(other)
    # It is looked at, too.
    last = page.evaluate("Number(document.querySelector('[data-pace]').dataset.looks ?? 0)")
    wait_until(page, f"Number(document.querySelector('[data-pace]').dataset.looks ?? 0) !== {last}")
    page.get_by_role("button", name="Stop the camera").click()
    wait_until(page, STATES, [["video", "ended"], ["video", "ended"]])


def test_a_slow_device_is_told_that_the_server_is_quicker(
    mirror: Callable[..., Page], in_the_dark: Browser
) -> None:
    page = mirror(in_the_dark, DELAY)
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator("[data-pace]")).to_contain_text(
        "a photo read by the server is quicker", timeout=PATIENCE
    )
