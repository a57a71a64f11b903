"""The mirror before a fake camera that shows the samples: faces come, keep their numbers, and the camera is let go."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.in_browser import PATIENCE, SAMPLES, get_ready
from tests.browser.test_camera import STATES, WITNESS
from tests.browser.waiting import wait_for, wait_until
from tests.helpers.films import run_ffmpeg

if TYPE_CHECKING:
    from tests.browser.conftest import Watch
    from tests.helpers.server import Server

pytestmark = pytest.mark.browser

NUMBERS = "[...document.querySelectorAll('.live-face:not(.away)')].map((face) => face.dataset.number)"
GRAYS = "(canvas) => new Set(canvas.getContext('2d').getImageData(0, 0, 48, 48).data).size"
LOOKS = "Number(document.querySelector('[data-pace]').dataset.looks ?? 0)"


@pytest.fixture(scope="module")
def before_the_samples(launch: Callable[..., Browser], tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """Chromium with a camera of 640×480 and 60 frames a second that sways over two faces."""
    film = tmp_path_factory.mktemp("camera") / "samples.y4m"
    sway = "scale=-2:500,crop=640:480:(in_w-640)/2+12*sin(2*PI*t):10"
    picture = SAMPLES / "together.jpg"
    run_ffmpeg("-loop", 1, "-t", 1, "-i", picture, "-vf", f"{sway},fps=60,format=yuv420p", film)
    return launch(f"--use-file-for-fake-video-capture={film}")


@pytest.fixture
def mirror(before_the_samples: Browser, server: Server, watch: Watch) -> Iterator[Page]:
    """The page with everything loaded, before the camera is started."""
    context: BrowserContext = before_the_samples.new_context(base_url=server.address, permissions=["camera"])
    page = context.new_page()
    watch.follow(page)
    page.add_init_script(WITNESS)
    get_ready(page, "/live")
    yield page
    context.close()
    assert watch.complaints == []


def start(page: Page) -> None:
    page.get_by_role("button", name="Start the camera").click()
    expect(page.locator(".live-face")).to_have_count(2, timeout=PATIENCE)


def after_looks(page: Page, count: int) -> None:
    """Wait until so many more frames were read."""
    last = page.evaluate(LOOKS)
    wait_until(page, f"{LOOKS} >= {last + count}")


def test_faces_come_keep_their_numbers_and_are_said(mirror: Page, watch: Watch) -> None:
    expect(mirror.get_by_text("Only people who agree.")).to_be_visible()
    assert mirror.evaluate("window.streams.length") == 0
    watch.requests.clear()
    start(mirror)
    for _ in range(5):
        before = mirror.evaluate(NUMBERS)
        after_looks(mirror, 10)
        if mirror.evaluate(NUMBERS) == before and len(before) == 2:
            break
    else:
        pytest.fail(f"numbers do not stay: {before}, {mirror.evaluate(NUMBERS)}")
    said = mirror.locator("[data-said]")
    expect(said).to_have_text(
        re.compile(r"Face \d+: Looks (happy|neutral)\. Face \d+: Looks (happy|neutral)\.")
    )
    # Who has gone stays for a moment, fading.
    answers = mirror.locator(".live-face:not(.away) .answer")
    wait_for(mirror, lambda: sorted(answers.all_inner_texts()), ["Looks happy.", "Looks neutral."])
    expect(mirror.locator(".mirror")).to_have_class(re.compile("mirrored"))
    for face in mirror.locator(".live-face").all():
        assert face.locator(".people use").count() >= 10
        assert face.locator("[data-input]").evaluate(GRAYS) > 50
    assert watch.requests == [], "the mirror asks nobody"


@pytest.mark.parametrize("way", ["button", "leave", "hide"])
def test_stopped_in_any_way_the_camera_is_let_go(mirror: Page, way: str) -> None:
    start(mirror)
    wait_until(mirror, STATES, [["video", "live"]])
    if way == "button":
        mirror.get_by_role("button", name="Stop the camera").click()
    elif way == "leave":
        mirror.evaluate("window.dispatchEvent(new Event('pagehide'))")
    else:
        mirror.evaluate("""() => {
            Object.defineProperty(document, "hidden", {get: () => true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""")
    wait_until(mirror, STATES, [["video", "ended"]])
    expect(mirror.locator(".live-face")).to_have_count(0)
    expect(mirror.get_by_role("button", name="Start the camera")).to_be_visible()


def test_started_again_faces_are_found_again(mirror: Page) -> None:
    start(mirror)
    mirror.get_by_role("button", name="Stop the camera").click()
    start(mirror)
    wait_until(mirror, STATES, [["video", "ended"], ["video", "live"]])


def test_a_frozen_frame_gets_its_full_result(mirror: Page) -> None:
    start(mirror)
    mirror.get_by_role("button", name="Freeze").click()
    expect(mirror.locator("article.face").first).to_be_attached(timeout=PATIENCE)
    expect(mirror.locator("[data-result] [data-heading]")).to_be_focused()
    wait_until(mirror, STATES, [["video", "ended"]])
    # A search of a whole photo may find more than the two: a flag's folds, for one.
    assert {"Looks happy.", "Looks neutral."} <= set(
        mirror.locator("article.face .answer").all_text_contents()
    )
    # What pointed to it and every step, by the network of photos: the mirror's own is of 8 bits.
    mirror.get_by_role("button", name="Look inside").first.click()
    inside = mirror.locator("[data-inside-view]")
    expect(inside.get_by_role("heading", name="Look inside: face 1")).to_be_focused(timeout=PATIENCE)
    # With the next start of the camera all of it is gone.
    start(mirror)
    expect(inside).to_have_count(0)


def test_a_round_asks_for_what_the_model_finds(mirror: Page) -> None:
    start(mirror)
    mirror.get_by_role("button", name="A round of ten").click()
    expect(mirror.locator("[data-target]")).to_have_text(
        re.compile(r"Show me: (happy|neutral|angry|surprised|sad|afraid|disgusted)")
    )
    expect(mirror.locator("[data-score]")).to_have_text(re.compile(r"\d of \d+"))
    after_looks(mirror, 5)
    assert mirror.evaluate("localStorage.length + sessionStorage.length") == 0


def test_an_unplugged_camera_is_said_to_be_gone(mirror: Page) -> None:
    start(mirror)
    mirror.evaluate("window.streams[0].getTracks()[0].dispatchEvent(new Event('ended'))")
    expect(mirror.get_by_role("alert")).to_contain_text("The camera is gone")
    expect(mirror.get_by_role("button", name="Start the camera")).to_be_enabled()


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("NotAllowedError", "did not allow the camera"),
        ("NotFoundError", "No camera was found"),
        ("NotReadableError", "another program"),
    ],
)
def test_why_there_is_no_camera_is_said(mirror: Page, error: str, words: str) -> None:
    mirror.evaluate(
        f"() => {{ navigator.mediaDevices.getUserMedia = async () => {{ throw new DOMException('', '{error}'); }}; }}"
    )
    mirror.get_by_role("button", name="Start the camera").click()
    expect(mirror.get_by_role("alert")).to_contain_text(words)
    expect(mirror.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "/")
