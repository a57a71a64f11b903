"""What the tests of the pages that read in the browser share."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Page, Route, expect

SAMPLES = Path(__file__).resolve().parents[2] / "static" / "samples"
# On a busy machine WebAssembly takes its time.
PATIENCE = 120_000
# Protection against fingerprints, as of a canvas of a page or of a worker.
ALTERED = """
{
    const drawing = (globalThis.CanvasRenderingContext2D ?? OffscreenCanvasRenderingContext2D).prototype;
    const given = drawing.getImageData;
    drawing.getImageData = function (...place) {
        const picture = given.apply(this, place);
        picture.data[0] ^= 1;
        return picture;
    };
}
"""


def get_ready(page: Page, address: str) -> None:
    """Open a page, and load what reads."""
    page.goto(address)
    page.get_by_role("button", name="Load it").click()
    expect(page.locator("[data-get-ready]")).to_be_hidden(timeout=PATIENCE)


def with_worker(page: Page, before: str) -> None:
    """Let the worker that reads run some lines before its own."""

    def answer(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=before + response.text())

    page.route("**/js/reading/worker.js", answer)
