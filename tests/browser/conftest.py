"""A running server and a real Chromium; without one the tests here are skipped, with the reason."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, sync_playwright

ROOT = Path(__file__).resolve().parent.parent.parent
NAMES = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_SECONDS = 60


@dataclass(frozen=True)
class Server:
    """A gunicorn of its own: its address, its log, and the folder it would put temporary files into."""

    address: str
    log: Path
    temporary: Path


@dataclass
class Watch:
    """What went wrong or elsewhere while a page was open."""

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
def browser() -> Iterator[Browser]:
    executable = next((path for name in NAMES if (path := shutil.which(name))), None)
    if executable is None:
        pytest.skip("no Chromium here: none of " + ", ".join(NAMES) + " is on the PATH")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Start gunicorn as the Procfile does, and stop it afterwards."""
    folder = tmp_path_factory.mktemp("server")
    temporary = folder / "tmp"
    temporary.mkdir()
    port = free_port()
    environ = {
        **os.environ,
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "SECRET_KEY": "for-the-browser-tests",
        "TMPDIR": str(temporary),
        "LOG_LEVEL": "debug",
        "RATE_LIMIT": "off",
    }
    # As a bare machine has it; ONNX Runtime in particular behaves otherwise where CI is set.
    for name in ("DYNO", "CI", "ORT_DISABLE_TELEMETRY"):
        environ.pop(name, None)
    running = Server(f"http://127.0.0.1:{port}", folder / "log.txt", temporary)
    with running.log.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "wsgi:app"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            wait_until_ready(running, process)
            yield running
        finally:
            process.terminate()
            process.wait(timeout=30)


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture(params=["script", "no script"])
def page(request: pytest.FixtureRequest, browser: Browser, server: Server, watch: Watch) -> Iterator[Page]:
    """A fresh page, once with and once without JavaScript; nothing may complain or leave the site."""
    context = browser.new_context(
        base_url=server.address,
        viewport={"width": 1440, "height": 900},
        java_script_enabled=request.param == "script",
    )
    page = context.new_page()
    watch.follow(page)
    yield page
    context.close()
    assert watch.complaints == []
    assert [url for url in watch.requests if not url.startswith(server.address + "/")] == []


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def wait_until_ready(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(server.address + "/readyz", timeout=10) as answer:  # noqa: S310  # own address
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    pytest.fail("the server did not start:\n" + server.log.read_text(errors="replace"))
