"""The upload form as the browser tests use it."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)
without_script = pytest.mark.parametrize("page", ["no script"], indirect=True)


def photo(content: bytes, name: str = "holiday.jpg", kind: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": kind, "buffer": content}


def analyse(page: Page) -> None:
    page.get_by_role("button", name="Analyse").click()


def expect_result(page: Page) -> None:
    expect(page).to_have_url(re.compile("/results$"))
    expect(page).to_have_title(re.compile("face", re.IGNORECASE))
