"""The pages that read in the browser, in headless Chromium: live, a photo, a film, and how long until they are ready.

    python -m bench.browser

Writes bench/LIVE.md. Needs Chromium and ffmpeg; the camera is a film of the sample portraits. What the networks alone
take is measured in the same run, so that the ratios hold on a busy machine, too.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Page, sync_playwright

from bench.report import markdown_table
from tests.helpers.server import serve

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "static" / "samples"
RESULTS = Path(__file__).resolve().parent / "LIVE.md"
WIDTH, HEIGHT = 640, 480
WARM, SECONDS = 5, 10  # Seconds of the mirror before it is measured, and while it is.
PHOTOS = 5
FILM_SECONDS = 60
PATIENCE = 600_000
NAMES = ("chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Live:
    """What the mirror reached."""

    faces: int  # Before the camera.
    frames: float  # A second, median.
    ratio: float  # Of the time, what the networks alone took.


def scene(faces: int) -> Image.Image:
    """Return a picture of so many faces, 640 × 480."""
    page = Image.new("RGB", (WIDTH, HEIGHT), (128, 128, 128))
    if faces == 1:
        page.paste(Image.open(SAMPLES / "astronaut.jpg").resize((HEIGHT, HEIGHT)), ((WIDTH - HEIGHT) // 2, 0))
        return page
    portrait = Image.open(SAMPLES / "astronaut.jpg").crop((130, 10, 330, 210))
    for place in range(faces):
        page.paste(portrait, (10 + place * 210, 140))
    return page


def film(path: Path, faces: int, *, rate: int, seconds: int, codec: tuple[str, ...] = ()) -> Path:
    """Write a film in which the scene sways; returns its path."""
    still = path.with_suffix(".png")
    scene(faces).save(still)
    sway = f"pad=iw+40:ih:20:0,crop={WIDTH}:{HEIGHT}:20+16*sin(2*PI*t/2):0,fps={rate},format=yuv420p"
    given = ["-loop", "1", "-t", str(seconds), "-i", str(still), "-vf", sway, *codec, str(path)]
    subprocess.run(["ffmpeg", "-hide_banner", "-loglevel", "error", "-y", *given], check=True)
    return path


@contextmanager
def chromium(*arguments: str) -> Iterator[BrowserContext]:
    """Run Chromium without a GPU, its camera allowed."""
    executable = next((path for name in NAMES if (path := shutil.which(name))), None)
    if executable is None:
        sys.exit(f"There is no Chromium here: none of {', '.join(NAMES)} is on the PATH.")
    with sync_playwright() as playwright:
        args = ["--no-sandbox", "--disable-gpu", "--use-fake-device-for-media-stream", *arguments]
        browser = playwright.chromium.launch(executable_path=executable, args=args)
        yield browser.new_context(permissions=["camera"])
        browser.close()


def ready(page: Page, address: str) -> float:
    """Open a page and load what reads; returns the seconds that this took."""
    page.goto(address)
    page.get_by_role("button", name="Load it").click()
    page.locator("[data-get-ready]").wait_for(state="hidden", timeout=PATIENCE)
    return float(page.locator("[data-app]").get_attribute("data-ready-ms") or "nan") / 1000


def live(site: str, folder: Path, faces: int) -> Live:
    """Measure the mirror before so many faces."""
    camera = film(folder / f"camera-{faces}.y4m", faces, rate=60, seconds=2)
    with chromium(f"--use-file-for-fake-video-capture={camera}") as context:
        page = context.new_page()
        ready(page, f"{site}/live")
        page.get_by_role("button", name="Start the camera").click()
        page.locator(".live-face").nth(faces - 1).wait_for(timeout=PATIENCE)
        page.wait_for_timeout(1000 * WARM)
        found: list[Mapping[str, str]] = []
        for _ in range(SECONDS):
            page.wait_for_timeout(1000)
            found.append(page.locator("[data-pace]").evaluate("(pace) => ({...pace.dataset})"))
    return Live(
        faces,
        median(float(each["frames"]) for each in found),
        median(float(each["network"]) for each in found) / 1000,
    )


def photos_and_film(site: str, folder: Path) -> dict[str, Any]:
    """Measure a photo and a film, and a second visit's time until the page is ready."""
    clip = film(
        folder / "film.mp4",
        1,
        rate=25,
        seconds=FILM_SECONDS,
        codec=("-c:v", "libx264", "-preset", "veryfast"),
    )
    with chromium() as context:
        page = context.new_page()
        first = ready(page, f"{site}/private")
        sizes = page.evaluate(
            "fetch(document.querySelector('[data-app]').dataset.files).then((answer) => answer.json())"
        )
        again = median(ready(page, f"{site}/private") for _ in range(3))
        taken = [photo(page) for _ in range(PHOTOS + 1)][1:]
        ready(page, f"{site}/video")
        page.set_input_files("[data-film]", clip)
        page.locator("[data-timeline] .take").wait_for(timeout=PATIENCE)
        seconds = float(page.locator("[data-timeline]").get_attribute("data-ms") or "nan") / 1000
        rows = page.locator("[data-timeline] .lead").inner_text()
    files = {name: int(each["bytes"]) for name, each in sizes["files"].items()}
    return {
        "first": first,
        "again": again,
        "photo": median(whole / networks for whole, networks in taken),
        "photo_ms": min(whole for whole, _ in taken),
        "film": seconds,
        "rows": rows,
        "files": files,
    }


def photo(page: Page) -> tuple[float, float]:
    """Read the portrait; returns what it took, and what the networks alone took of it, in milliseconds."""
    page.set_input_files("[data-photo]", [])
    page.evaluate("document.querySelector('[data-result]').replaceChildren()")
    page.set_input_files("[data-photo]", SAMPLES / "astronaut.jpg")
    page.locator("[data-result] .take").wait_for(timeout=PATIENCE)
    told = page.locator("[data-result]").evaluate("(place) => ({...place.dataset})")
    return float(told["ms"]), float(told["networkMs"])


def report(mirrors: list[Live], rest: dict[str, Any]) -> str:
    """Return the page."""
    files = rest["files"]
    common = sum(files[name] for name in ("wasm", "pnet", "rnet", "onet"))
    quick = files.get("classifier_live", files["classifier"])
    rows = [
        *(
            (
                f"live, 640×480, {each.faces} face{'s' if each.faces > 1 else ''}: frames a second",
                f"{each.frames:.1f}",
                "≥ 25" if each.faces == 1 else "≥ 12",
            )
            for each in mirrors
        ),
        *(
            (
                f"live, {each.faces} face{'s' if each.faces > 1 else ''}: ÷ what the networks’ own time allows",
                f"{each.ratio:.2f}",
                "≥ 0.65" if each.faces == 1 else "",
            )
            for each in mirrors
        ),
        ("photo in private mode ÷ its networks", f"{rest['photo']:.2f}", "≤ 1.5"),
        ("photo in private mode, fastest of five: ms", f"{rest['photo_ms']:.0f}", ""),
        ("first use, private: MB", f"{(common + files['classifier']) / 1e6:.1f}", "≤ 10.7"),
        ("first use, live: MB", f"{(common + quick) / 1e6:.1f}", "≤ 10.7"),
        ("ready, first visit: s", f"{rest['first']:.1f}", ""),
        ("ready, cached: s", f"{rest['again']:.1f}", "≤ 1.5"),
        (f"{FILM_SECONDS} s of 640×480 video at 5 frames a second: s", f"{rest['film']:.1f}", "≤ 30"),
    ]
    return (
        "# The pages in the browser\n\n"
        "Written by `python -m bench.browser`: headless Chromium without a GPU, the site on the same machine, a camera "
        "of 60 frames a second that sways over the sample portraits. “What the networks’ own time allows” is the frame "
        "rate if nothing but the networks took time, in the same run.\n\n"
        + markdown_table(("", "measured", "target"), rows)
        + f"\nThe film: {rest['rows']}\n"
    )


def main() -> None:
    if shutil.which("ffmpeg") is None:
        sys.exit("There is no ffmpeg here, which makes the camera’s film.")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with serve(folder) as server:
            mirrors = [live(server.address, folder, faces) for faces in (1, 3)]
            rest = photos_and_film(server.address, folder)
    RESULTS.write_text(report(mirrors, rest), encoding="utf-8")
    print(RESULTS.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
