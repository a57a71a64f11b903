"""What a browser or device cannot do is said, with the server's way: memory, WebAssembly, an altered canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.in_browser import ALTERED, PATIENCE, SAMPLES, get_ready, with_worker

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser

NO_MEMORY = """
WebAssembly.instantiate = async () => { throw new RangeError("WebAssembly.instantiate(): Out of memory"); };
"""
# As of a device whose memory is full: ONNX Runtime asks for more and does not get it.
NO_MORE_MEMORY = """
WebAssembly.Memory.prototype.grow = () => { throw new RangeError("Maximum memory size exceeded"); };
"""
NO_CODE = """
WebAssembly.instantiate = async () => { throw new WebAssembly.CompileError("code generation is not allowed"); };
"""
FULL_ONCE_A_PHOTO_COMES = """
addEventListener("message", ({data}) => {
    if (data.type !== "read") return;
    OffscreenCanvasRenderingContext2D.prototype.getImageData = () => {
        throw new RangeError("Array buffer allocation failed");
    };
});
"""


def forgive(watch: Watch) -> None:
    """Leave out what ONNX Runtime itself writes on the console before it gives up."""
    own = ("wasm", "aborted", "out of memory", "bad_alloc")
    watch.complaints[:] = [text for text in watch.complaints if not any(word in text.lower() for word in own)]


def expect_refusal(page: Page, words: str) -> None:
    expect(page.get_by_role("alert")).to_contain_text(words, timeout=PATIENCE)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "/")


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (NO_MEMORY, "gives the networks too little memory"),
        (NO_MORE_MEMORY, "gives the networks too little memory"),
        (NO_CODE, "code generation is not allowed"),
        (ALTERED, "changes the pixels that a page reads back"),
    ],
)
def test_networks_that_do_not_start_say_why(visit: Visit, watch: Watch, before: str, words: str) -> None:
    page = visit()
    with_worker(page, before)
    page.goto("/private")
    page.get_by_role("button", name="Load it").click()
    expect_refusal(page, words)
    expect(page.get_by_role("button", name="Load it")).to_be_enabled()
    expect(page.locator("[data-photo]")).to_be_hidden()
    # Another try, with more memory, works.
    page.unroute_all()
    page.get_by_role("button", name="Load it").click()
    expect(page.locator("[data-photo]")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_be_hidden()
    forgive(watch)


def test_a_photo_that_needs_more_memory_than_there_is_ends_that_reading_alone(
    visit: Visit, watch: Watch
) -> None:
    page = visit()
    with_worker(page, FULL_ONCE_A_PHOTO_COMES)
    get_ready(page, "/private")
    page.unroute_all()
    page.set_input_files("[data-photo]", SAMPLES / "several.jpg")
    expect_refusal(page, "gives the networks too little memory")
    expect(page.locator("[data-photo]")).to_be_enabled(timeout=PATIENCE)
    page.set_input_files("[data-photo]", SAMPLES / "astronaut.jpg")
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_focused(timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_be_hidden()
    forgive(watch)


@pytest.mark.parametrize("address", ["/live", "/video"])
def test_the_other_pages_check_their_canvas_too(visit: Visit, address: str) -> None:
    page = visit()
    page.add_init_script(ALTERED)
    page.goto(address)
    expect_refusal(page, "changes the pixels that a page reads back")
    expect(page.get_by_role("button", name="Load it")).to_be_hidden()
