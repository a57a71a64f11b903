"""The camera dialog with Chromium's fake camera, and its errors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.form import HOLD, expect_result, photo
from tests.browser.waiting import wait_until

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

# Keeps every stream that the page is given, and how its shots are drawn.
WITNESS = """
window.streams = [];
window.drawn = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wish) => {
    const stream = await ask(wish);
    window.streams.push(stream);
    return stream;
};
const draw = CanvasRenderingContext2D.prototype.drawImage;
CanvasRenderingContext2D.prototype.drawImage = function (image, ...rest) {
    if (image instanceof HTMLVideoElement) window.drawn.push([this.getTransform().a, image.videoWidth, ...rest]);
    return draw.call(this, image, ...rest);
};
"""
STATES = (
    "window.streams.flatMap((stream) => stream.getTracks()).map((track) => [track.kind, track.readyState])"
)


@pytest.fixture
def page(visit: Visit) -> Page:
    """The start page with the camera's dialog open and its picture running."""
    page = visit(permissions=["camera"])
    page.add_init_script(WITNESS)
    page.goto("/")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog")).to_be_visible()
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    return page


def test_the_live_picture_is_mirrored_and_silent(page: Page) -> None:
    expect(page.locator("dialog [role=status]")).to_contain_text("Bring one face into the oval")
    video = page.locator("dialog video")
    expect(video).to_have_css("transform", "matrix(-1, 0, 0, 1, 0, 0)")
    wait_until(
        page,
        "[...document.querySelectorAll('dialog video')].every((one) => one.videoWidth > 0 && !one.paused)",
    )
    wait_until(page, STATES, [["video", "live"]])
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()


def test_the_shutter_leads_to_the_result_by_one_press(page: Page) -> None:
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    page.keyboard.press("Enter")
    expect_result(page)
    assert [url.rpartition("/")[2] for url in sent] == ["results"]


def test_the_photo_is_not_mirrored_and_the_camera_off_while_it_is_read(page: Page) -> None:
    expect(page.locator("[data-guide]")).to_be_visible()
    page.evaluate(HOLD)
    page.keyboard.press("Enter")
    expect(page.locator("[data-still]")).to_be_visible()
    expect(page.locator("dialog [role=status]")).to_have_text("Reading this photo …")
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true")
    wait_until(page, STATES, [["video", "ended"]])
    wait_until(page, "window.drawn.map((draw) => draw[0])", [1])
    expect(page.get_by_role("button", name="Try again")).to_be_focused()


def test_try_again_forgets_the_photo(page: Page) -> None:
    page.evaluate(HOLD)
    page.keyboard.press("Enter")
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_focused()
    expect(page.locator("#upload")).not_to_have_attribute("aria-busy", "true")
    wait_until(page, "document.getElementById('photo').files.length", 0)
    page.keyboard.press("Enter")
    expect(page.locator("#upload")).to_have_attribute("aria-busy", "true")
    page.keyboard.press("Escape")
    expect(page.locator("#upload")).not_to_have_attribute("aria-busy", "true")
    expect(page.locator("[data-chosen]")).to_be_hidden()


def test_beside_photos_chosen_before_the_shot_waits_for_them(page: Page, portrait_jpeg: bytes) -> None:
    page.get_by_role("button", name="Close", exact=True).click()
    page.set_input_files("#photo", [photo(portrait_jpeg), photo(portrait_jpeg, "other.jpg")])
    page.get_by_role("button", name="Use the camera").click()
    page.get_by_role("button", name="Take the photo").click()
    expect(page.locator("[data-chosen] [data-name]")).to_have_text(
        ["holiday.jpg", "other.jpg", "camera-1.jpg"]
    )
    expect(page.locator("dialog")).to_be_hidden()
    expect(page.get_by_role("button", name="Analyse")).to_be_focused()
    wait_until(page, STATES, [["video", "ended"], ["video", "ended"]])


@pytest.mark.parametrize("way", ["button", "escape", "leave", "hide"])
def test_closed_in_any_way_the_camera_stops(page: Page, way: str) -> None:
    if way == "button":
        page.get_by_role("button", name="Close", exact=True).click()
    elif way == "escape":
        page.keyboard.press("Escape")
    elif way == "leave":
        page.evaluate("window.dispatchEvent(new Event('pagehide'))")
    else:
        page.evaluate("""() => {
            Object.defineProperty(document, "hidden", {get: () => true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""")
    expect(page.locator("dialog")).to_be_hidden()
    wait_until(page, STATES, [["video", "ended"]])
    expect(page.locator("[data-chosen]")).to_be_hidden()


def test_a_camera_that_comes_after_closing_is_stopped_at_once(visit: Visit) -> None:
    page = visit(permissions=["camera"])
    page.add_init_script(WITNESS)
    page.goto("/")
    page.evaluate("""() => {
        const button = document.querySelector("[data-camera]");
        button.click();
        document.querySelector("[data-close]").click();
    }""")
    wait_until(page, "window.streams.length === 1")
    wait_until(page, "window.streams[0].getTracks().every((track) => track.readyState === 'ended')")


def test_unplugged_it_says_so(page: Page) -> None:
    page.evaluate("window.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator("dialog [role=status]")).to_contain_text("The camera can’t be used")
    expect(page.get_by_role("button", name="Take the photo")).to_be_disabled()


def test_without_permission_the_page_says_what_to_do(visit: Visit) -> None:
    """The browser itself denies here: nobody can press "allow"."""
    page = visit()
    page.goto("/")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog [role=status]")).to_contain_text("did not allow the camera")
    expect(page.get_by_role("button", name="Take the photo")).to_be_disabled()
    expect(page.locator("dialog video")).to_be_hidden()
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_role("button", name="Use the camera")).to_be_focused()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotFoundError", "No camera was found"),
        ("OverconstrainedError", "No camera was found"),
        ("NotReadableError", "another program may hold it"),
        ("SecurityError", "did not allow the camera"),
    ],
)
def test_other_failures_have_their_words(visit: Visit, error: str, words: str) -> None:
    page = visit()
    page.add_init_script(
        f"navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}"
    )
    page.goto("/")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog [role=status]")).to_contain_text(words)


def test_without_https_the_page_says_why(visit: Visit) -> None:
    page = visit()
    page.add_init_script("Object.defineProperty(navigator, 'mediaDevices', {value: undefined})")
    page.goto("/")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog [role=status]")).to_contain_text("only to pages opened by https")
