"""Waiting for a page's state.

Playwright's own ``wait_for_function`` evaluates strings in the page, which the site's Content Security Policy rightly
forbids.
"""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import Page

SECONDS = 15.0


def wait_until(page: Page, expression: str, expected: Any = True) -> None:
    """Evaluate the expression from outside until it gives what is expected; fails after 15 seconds."""
    deadline = time.monotonic() + SECONDS
    while (found := page.evaluate(expression)) != expected:
        assert time.monotonic() < deadline, f"{expression} stayed {found!r}, expected {expected!r}"
        page.wait_for_timeout(50)
