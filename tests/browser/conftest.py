"""Fixtures: Chromium and the running server. Without Chromium the tests are skipped."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    expect,
    sync_playwright,
)

if TYPE_CHECKING:
    from tests.helpers.server import Server

Visit = Callable[..., Page]

# Playwright's 5 seconds are too few for the camera's start and for 24 faces on a busy machine.
expect.set_options(timeout=30_000)

# A new window draws a menu for its address field in processes of its own, which nobody sees here and which takes more
# processor time than most pages. The last list counts, so that Playwright's own is said again.
UNWANTED = (
    "WebUIOmniboxPopup",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPreload",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
)
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join(UNWANTED)}",
    # A fake camera with a moving green image; pages still need the permission to use it.
    "--use-fake-device-for-media-stream",
]


@dataclass
class Watch:
    """Console errors and requests of a page."""

    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # Chromium reports every answer of 400 and above here; those answers are asserted on themselves.
        if (
            message.type in ("error", "warning")
            and "the server responded with a status of 4" not in message.text
        ):
            self.complaints.append(message.text)

    def _request(self, request: Request) -> None:
        if not request.url.startswith("data:"):
            self.requests.append(request.url)


@pytest.fixture(scope="session")
def launch() -> Iterator[Callable[..., Browser]]:
    """Start Chromium, with further arguments if need be; all are closed at the end."""
    executable = next((path for name in NAMES if (path := shutil.which(name))), None)
    if executable is None:
        pytest.skip("no Chromium here: none of " + ", ".join(NAMES) + " is on the PATH")
    with sync_playwright() as playwright:
        started: list[Browser] = []

        def start(*arguments: str) -> Browser:
            args = [*ARGUMENTS, *arguments]
            started.append(playwright.chromium.launch(executable_path=executable, args=args))
            return started[-1]

        yield start
        for chromium in started:
            chromium.close()


@pytest.fixture(scope="session")
def browser(launch: Callable[..., Browser]) -> Browser:
    return launch()


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def visit(browser: Browser, server: Server, watch: Watch) -> Iterator[Visit]:
    """Open pages in contexts of their own; nothing may complain or leave the site in any of them.

    Their visitor has asked for little motion, unless ``reduced_motion`` says something else: without graphics hardware
    drawing the start page's strip costs every test that goes there some processor time.
    """
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        usual = {
            "base_url": server.address,
            "viewport": {"width": 1440, "height": 900},
            "reduced_motion": "reduce",
        }
        contexts.append(browser.new_context(**{**usual, **options}))
        page = contexts[-1].new_page()
        watch.follow(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert watch.complaints == []
    assert [url for url in watch.requests if not url.startswith(server.address + "/")] == []


@pytest.fixture(params=["script", "no script"])
def page(request: pytest.FixtureRequest, visit: Visit) -> Page:
    """A fresh page, once with and once without JavaScript."""
    return visit(java_script_enabled=request.param == "script")
