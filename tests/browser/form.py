"""The upload form as the browser tests use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Error, FilePayload, Page, expect

from tests.browser.waiting import between_documents, settled

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)
without_script = pytest.mark.parametrize("page", ["no script"], indirect=True)


def photo(content: bytes, name: str = "holiday.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


# Keeps what is chosen from being sent.
HOLD = "document.getElementById('upload').addEventListener('submit', (event) => event.preventDefault())"
PRESS = """() => {
    const form = document.getElementById("upload");
    if (!form || form.classList.contains("starting") || form.getAttribute("aria-busy")) return;
    // It has been refused already.
    if (document.getElementById("photo-error")) return;
    form.querySelector("[type=submit]").click();
}"""


def analyse(page: Page) -> None:
    """Press "Analyse", unless the one photo that was chosen has started by itself."""
    try:
        page.evaluate(PRESS)
    except Error as error:
        # It has left the page already.
        if not between_documents(error):
            raise


def expect_result(page: Page) -> None:
    """Wait for a page of results, and until all of it is there."""
    expect(page).to_have_url(re.compile("/results$"))
    expect(page).to_have_title(re.compile("face", re.IGNORECASE))
    settled(page)
