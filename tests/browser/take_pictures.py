"""Take the README's pictures of the running site: ``python -m tests.browser.take_pictures``."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.conftest import ARGUMENTS, NAMES
from tests.helpers.server import ROOT, serve

FOLDER = ROOT / "docs" / "pictures"
DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}
MAX_HEIGHT = 2000  # Pixels: a long page is shown by its upper part.


def main() -> None:
    """Write start, results, phone, many, inside and compare as JPEG files."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    executable = next(path for name in NAMES if (path := shutil.which(name)))
    with (
        tempfile.TemporaryDirectory() as temporary,
        serve(Path(temporary)) as server,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=executable, args=ARGUMENTS)
        take(opened(browser, server.address, DESKTOP, "dark"), "start")
        take(opened(browser, server.address, DESKTOP, "light", sample="portrait"), "results")
        take(opened(browser, server.address, PHONE, "light", sample="portrait"), "phone")
        take(opened(browser, server.address, DESKTOP, "light", sample="several"), "many")
        for name, button in (("inside", "Look inside"), ("compare", "Read the same face")):
            page = opened(browser, server.address, DESKTOP, "light", sample="portrait")
            page.get_by_role("button", name=button).first.click()
            page.get_by_role(
                "heading", name={"inside": "Look inside", "compare": "agree"}[name]
            ).first.wait_for()
            page.wait_for_load_state("load")
            take(page, name)
        browser.close()


def opened(
    browser: Browser,
    address: str,
    size: ViewportSize,
    scheme: Literal["dark", "light"],
    *,
    sample: str | None = None,
) -> Page:
    """The start page, or what a sample leads to."""
    # Still, so that the start page’s strip is shown as it ends.
    page = browser.new_page(base_url=address, viewport=size, color_scheme=scheme, reduced_motion="reduce")
    page.goto("/")
    if sample:
        page.locator(f'button[name="sample"][value="{sample}"]').click()
        # The answer may be fetched and shown without a navigation.
        page.locator("#take-heading").first.wait_for()
    page.wait_for_load_state("load")
    return page


def take(page: Page, name: str) -> None:
    """Save the whole page as a compressed picture."""
    raw = FOLDER / f"{name}.png"
    page.screenshot(path=raw, full_page=True)
    with Image.open(raw) as picture:
        shown = picture.convert("RGB").crop((0, 0, picture.width, min(picture.height, MAX_HEIGHT)))
        shown.save(FOLDER / f"{name}.jpg", quality=82, optimize=True, progressive=True)
    raw.unlink()
    page.close()


if __name__ == "__main__":
    main()
