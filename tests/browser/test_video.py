"""A film in the browser: rows for every look, numbers that stay, times of its own, a timeline that leads back."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from model.film.rows import film_header
from tests.browser.in_browser import PATIENCE, SAMPLES, get_ready
from tests.browser.waiting import wait_until
from tests.helpers.films import run_ffmpeg

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser

SECONDS = 4  # Of them the portrait is seen in the first and in the last.
EVERY = 0.2


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four seconds of WebM at 25 frames a second: the portrait, nobody for two seconds, the portrait."""
    path = tmp_path_factory.mktemp("film") / "away.webm"
    still = ("-loop", 1, "-framerate", 25, "-t", 1, "-i", SAMPLES / "astronaut.jpg")
    parts = "".join(f"[{place}]scale=320:320,setsar=1,format=yuv420p[p{place}];" for place in range(3))
    gray = ("-f", "lavfi", "-t", 2, "-i", "color=c=gray:s=320x320:r=25")
    run_ffmpeg(
        *still,
        *gray,
        *still,
        "-filter_complex",
        f"{parts}[p0][p1][p2]concat=n=3:v=1",
        "-c:v",
        "libvpx",
        "-b:v",
        "1M",
        path,
    )
    return path


def read(page: Page, film: Path) -> None:
    page.set_input_files("[data-film]", film)
    expect(page.locator("[data-timeline] .take")).to_be_visible(timeout=PATIENCE)


def test_each_look_has_its_rows_and_faces_their_numbers(visit: Visit, watch: Watch, film: Path) -> None:
    page = visit()
    get_ready(page, "/video")
    watch.requests.clear()
    read(page, film)
    assert [url for url in watch.requests if not url.startswith("blob:")] == []
    watch.requests.clear()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    header, *cells = csv.reader(io.StringIO(text))
    labels = ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    assert header == film_header(labels)
    rows = [dict(zip(header, row, strict=True)) for row in cells]
    times = [float(row["time"]) for row in rows]
    assert times == pytest.approx([EVERY * look for look in range(round(SECONDS / EVERY))], abs=0.021)
    faces = [row["face"] for row in rows]
    assert faces == ["1"] * 5 + [""] * 10 + ["2"] * 5
    for row in rows:
        shares, smoothed = ([row[f"{start}{label}"] for label in labels] for start in ("", "smoothed_"))
        if row["face"]:
            assert sum(map(float, shares)) == pytest.approx(1, abs=1e-4)
            assert sum(map(float, smoothed)) == pytest.approx(1, abs=1e-4)
            assert row["steady_emotion"] == "happy"
        else:
            assert set(shares + smoothed) == {""}
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    told = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert [row["face"] or "" for row in told] == [int(face) if face else "" for face in faces]
    watch.requests.clear()


def test_a_press_on_the_timeline_leads_there(visit: Visit, watch: Watch, film: Path) -> None:
    page = visit()
    get_ready(page, "/video")
    read(page, film)
    expect(page.get_by_role("heading", name="Two faces in 0:04.0")).to_be_focused()
    expect(page.locator(".film-face")).to_have_count(2)
    where = "Math.round(10 * document.querySelector('[data-video]').currentTime) / 10"
    page.locator(".film-face").nth(1).locator(".peaks button").click()
    wait_until(page, f"{where} >= 3")
    band = page.locator(".film-face .band").first
    box = band.bounding_box()
    assert box
    band.click(position={"x": box["width"] / 2, "y": 5})
    wait_until(page, where, 2)
    watch.requests.clear()


def test_stopped_it_shows_what_was_read(visit: Visit, watch: Watch, film: Path) -> None:
    page = visit()
    get_ready(page, "/video")
    page.locator("[data-rate]").select_option("25")
    page.set_input_files("[data-film]", film)
    expect(page.locator("[data-preview]")).to_be_visible(timeout=PATIENCE)
    page.evaluate("document.querySelector('[data-stop]').click()")
    expect(page.locator("[data-timeline] .take")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("[data-film]")).to_be_enabled()
    watch.requests.clear()


@pytest.mark.parametrize(
    ("name", "make", "words"),
    [
        ("diary.mp4", None, "cannot play diary.mp4"),
        (
            "sound.webm",
            ("-f", "lavfi", "-t", 1, "-i", "sine", "-c:a", "libvorbis"),
            "sound.webm has no picture",
        ),
    ],
)
def test_what_is_no_film_is_named(
    visit: Visit, watch: Watch, tmp_path: Path, name: str, make: tuple[str | int, ...] | None, words: str
) -> None:
    path = tmp_path / name
    if make is None:
        path.write_bytes(b"dear diary")
    else:
        run_ffmpeg(*map(str, make), path)
    page = visit()
    get_ready(page, "/video")
    page.set_input_files("[data-film]", path)
    expect(page.get_by_role("alert")).to_contain_text(words, timeout=PATIENCE)
    expect(page.locator("[data-film]")).to_be_enabled()
    watch.requests.clear()
    watch.complaints.clear()
