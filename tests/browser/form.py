"""The upload form as the browser tests use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, FilePayload, Page, expect

from tests.browser.waiting import between_documents, settled, wait_for

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)
without_script = pytest.mark.parametrize("page", ["no script"], indirect=True)


def photo(content: bytes, name: str = "holiday.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


# Keeps what is chosen from being sent.
HOLD = "document.getElementById('upload').addEventListener('submit', (event) => event.preventDefault())"
PRESS = """() => {
    const form = document.getElementById("upload");
    // Chosen alone it is looked at, and sent if it is good.
    if (form?.classList.contains("starting")) return false;
    // It has been sent, or has been refused already.
    if (!form || form.getAttribute("aria-busy") || document.getElementById("photo-error")) return true;
    form.querySelector("[type=submit]").click();
    return true;
}"""


def analyse(page: Page) -> None:
    """Press "Analyse", unless the one photo that was chosen has started by itself."""

    def press() -> bool:
        try:
            return bool(page.evaluate(PRESS))
        except Error as error:
            if not between_documents(error):
                raise
            # It has left the page already.
            return True

    wait_for(page, press)


def expect_result(page: Page) -> None:
    """Wait for a page of results, and until all of it is there."""
    expect(page).to_have_url(re.compile("/results$"))
    expect(page).to_have_title(re.compile("face", re.IGNORECASE))
    settled(page)
