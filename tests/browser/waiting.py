"""Waiting for a page's state.

Playwright's own ``wait_for_function`` evaluates strings in the page, which the site's Content Security Policy rightly
forbids.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from playwright.sync_api import Error, Page

Seen = TypeVar("Seen")

# On a busy machine: nothing waits so long where all is well.
SECONDS = 60.0

# What Chromium answers between two documents.
BETWEEN = ("Execution context was destroyed", "Cannot find context with specified id", "navigating")

# A browser answers questions about a document from its first elements on, before its style sheets, scripts and fonts
# are there. A result that is fetched is written into the page it comes from, so that Playwright's own waiting for
# "load" sees nothing of it.
SETTLED = """(() => {
    const sheets = [...document.querySelectorAll("link[rel=stylesheet]")];
    if (document.readyState !== "complete" || !sheets.every((link) => link.sheet)) return false;
    if (document.documentElement.hasAttribute("aria-busy")) return false;
    document.body.getBoundingClientRect();
    return document.fonts.status === "loaded";
})()"""

# Half-way through a fade no colour is the one that stays. What turns for ever goes on.
MOVING = """document.getAnimations().filter((one) =>
    one.playState === "running" && one.effect.getComputedTiming().iterations !== Infinity)"""
# Brings what moves to its end, and tells whether nothing did.
STILL = f"{MOVING}.map((one) => one.finish()).length === 0"


def wait_for(page: Page, read: Callable[[], Seen], expected: object = True, what: str = "") -> Seen:
    """Call ``read`` until it gives what is expected, and return it; fails after a minute."""
    deadline = time.monotonic() + SECONDS
    while True:
        found: object = None
        try:
            if expected == (seen := read()):
                return seen
            found = seen
        except Error as error:
            if not between_documents(error):
                raise
            found = error.message
        assert time.monotonic() < deadline, f"{what or read} stayed {found!r}, expected {expected!r}"
        page.wait_for_timeout(50)


def wait_until(page: Page, expression: str, expected: object = True) -> None:
    """Evaluate the expression from outside until it gives what is expected; fails after a minute."""
    wait_for(page, lambda: page.evaluate(expression), expected, expression)


def settled(page: Page) -> None:
    """Wait until the document is whole: its style sheets applied, its scripts run, its fonts there."""
    wait_until(page, SETTLED)


def still(page: Page) -> None:
    """Wait until the document is whole, with what moves or fades in it brought to its end."""
    settled(page)
    # What comes to lie under the mouse later would fade to its other colours later, too.
    page.mouse.move(0, 0)
    for _ in range(2):
        page.wait_for_timeout(100)
        wait_until(page, STILL)


def between_documents(error: Error) -> bool:
    """Whether the page was just being left when it was asked."""
    return any(words in error.message for words in BETWEEN)
