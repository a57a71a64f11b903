"""What the tests of the pages that read in the browser share."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

SAMPLES = Path(__file__).resolve().parents[2] / "static" / "samples"
# On a busy machine WebAssembly takes its time.
PATIENCE = 120_000


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


def ffmpeg(*arguments: str | int | Path) -> None:
    """Run ffmpeg, or skip the test where there is none."""
    found = shutil.which("ffmpeg")
    if found is None:
        pytest.skip("no ffmpeg here, which makes the film")
    run = subprocess.run(
        [found, "-hide_banner", "-loglevel", "error", "-y", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
    )
    if "Unknown encoder" in run.stderr:
        pytest.skip(f"this ffmpeg lacks an encoder: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
