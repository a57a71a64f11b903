"""A photo is read without being sent: nothing leaves once the files are there, and what cannot work says so."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from model import Recognizer
from model.faces.face_mesh import FaceMesh
from model.faces.movements import movements
from model.output.serialize import analysis_to_dict
from tests.browser.in_browser import ALTERED, PATIENCE, SAMPLES, get_ready
from tests.helpers.logging_proxy import LoggingProxy, logging_proxy
from tests.webapp.test_inside import STEPS
from webapp.presenters.movements import present_movements

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser

STARTED_AND_STOPPED = """
(part) => {
    const [show, stop, runs] = ["show", "give-up", "runs"].map((name) => part.querySelector(`[data-${name}]`));
    show.focus();
    show.click();
    const seen = [runs.hidden, document.activeElement === stop];
    stop.click();
    return seen;
}
"""


@pytest.fixture
def proxy() -> Iterator[LoggingProxy]:
    with logging_proxy() as running:
        yield running


def explain(page: Page, face: int, expression: str) -> Locator:
    """Ask what pointed to an expression; returns the picture with its words, once it is there."""
    part = page.locator(f"[data-explain='{face}']")
    part.locator("select").select_option(expression)
    part.get_by_role("button", name="Show me").click()
    figure = part.locator("figure")
    expect(figure).to_contain_text(f"What pointed to “{expression}”", timeout=PATIENCE)
    expect(figure).to_be_focused()
    return figure


def look_inside(page: Page, face: int) -> None:
    """Look at every step of a face, and go back."""
    part = page.locator(f"[data-look='{face}']")
    part.get_by_role("button", name="Look inside").click()
    heading = page.get_by_role("heading", name=f"Look inside: face {face}")
    expect(heading).to_be_focused(timeout=PATIENCE)
    expect(page.locator("article.face").first).to_be_hidden()
    steps = page.locator("[data-inside-view] .step")
    assert steps.count() == len(STEPS)
    assert [step.get_attribute("id") for step in steps.all()] == STEPS
    broken = "(all) => all.filter((each) => !each.naturalWidth).map((each) => each.alt)"
    assert page.locator("[data-inside-view] img").evaluate_all(broken) == []
    # The curtain between photo and numbers needs the script of the server's own page.
    expect(page.locator("[data-inside-view] .slider.over input")).to_be_visible()
    cover = page.locator("[data-cover]")
    whole = cover.locator(".cover-canvas img").get_attribute("src")
    cover.get_by_role("button", name="Mouth").click()
    expect(cover.get_by_role("status")).to_contain_text("without the mouth", timeout=PATIENCE)
    assert cover.locator(".cover-canvas img").get_attribute("src") != whole
    cover.get_by_role("button", name="Brush").click()
    cover.locator("canvas").click()
    cover.get_by_role("button", name="Read what is left").click()
    expect(cover.get_by_role("status")).to_contain_text("without that part", timeout=PATIENCE)
    page.get_by_role("button", name="Back to the result").click()
    expect(part.get_by_role("button", name="Look inside")).to_be_focused()
    expect(heading).to_have_count(0)


def add_what_measures(page: Page) -> None:
    """Load what says what faces do."""
    page.get_by_role("button", name="Say what faces do, too").click()
    expect(page.locator("[data-mesh-told]")).to_contain_text("cards say what the faces do", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Say what faces do, too")).to_be_hidden()


def done_by(recognizer: Recognizer, photo: bytes, number: int) -> str:
    """Return what the server says that a face does."""
    mesh = FaceMesh.load()
    assert mesh.calm is not None
    analysis = recognizer.analyze(photo)
    (face,) = [reading.face for reading in analysis.faces if reading.number == number]
    found = movements(mesh.locate(analysis.photo.pixels, face).points, mesh.calm)
    return ", ".join(view.words for view in present_movements(found))


def choose(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("[data-photo]", {"name": name, "mimeType": "", "buffer": content})


@pytest.mark.parametrize("connection", ["cut", "open"])
def test_no_request_leaves_once_a_photo_is_chosen(
    visit: Visit, proxy: LoggingProxy, watch: Watch, recognizer: Recognizer, connection: str
) -> None:
    page = visit(proxy={"server": proxy.address, "bypass": "<-loopback>"})
    get_ready(page, "/private")
    expect(page.get_by_role("status").first).to_contain_text("nothing needs a connection")
    assert any("/browser/files/" in line for line in proxy.log), "the proxy is not on the way"
    add_what_measures(page)
    page.context.set_offline(connection == "cut")
    # What a page loads late, such as its icon, is no answer to the photo.
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1000)
    proxy.log.clear()
    watch.requests.clear()
    photo = (SAMPLES / "together.jpg").read_bytes()
    choose(page, "together.jpg", photo)
    expect(page.locator("article.face")).to_have_count(2, timeout=PATIENCE)
    explain(page, 2, "sad")
    look_inside(page, 1)
    does = page.locator("[data-movements='1']")
    expect(does).to_contain_text(f"What the face does: {done_by(recognizer, photo, 1)}.", timeout=PATIENCE)
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    assert download.value.suggested_filename == "together-emotions.json"
    with page.expect_download() as picture:
        page.get_by_role("button", name="Picture (PNG)").click()
    assert picture.value.path().read_bytes().startswith(b"\x89PNG")
    page.wait_for_timeout(1000)
    assert proxy.log == []
    assert [url for url in watch.requests if not url.startswith("blob:")] == []
    watch.requests.clear()
    got = json.loads(download.value.path().read_text(encoding="utf-8"))
    expected = analysis_to_dict("together.jpg", recognizer.analyze(photo))
    assert [face["emotion"] for face in got["faces"]] == [face["emotion"] for face in expected["faces"]]
    assert got["model"] == expected["model"]
    for face, same in zip(got["faces"], expected["faces"], strict=True):
        assert face["probabilities"] == pytest.approx(same["probabilities"], abs=1e-3)
        assert face["quality"]["warnings"] == same["quality"]["warnings"]
    answers = page.locator("article.face .answer").all_inner_texts()
    assert answers == ["Looks happy.", "Looks neutral."]


def test_where_the_worker_cannot_start_the_page_says_so_and_sends_nothing(visit: Visit, watch: Watch) -> None:
    page = visit()
    page.route("**/js/reading/worker.js", lambda route: route.abort())
    page.goto("/private")
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_role("alert")).to_contain_text("could not be started here", timeout=PATIENCE)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "/")
    expect(page.locator("[data-photo]")).to_be_hidden()
    watch.complaints[:] = [text for text in watch.complaints if "ERR_FAILED" not in text]


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (ALTERED, "changes the pixels that a page reads back"),
        ("delete window.WebAssembly", "has no WebAssembly"),
        ("delete window.DecompressionStream", "cannot open compressed files"),
        ("delete window.OffscreenCanvas", "has no workers"),
    ],
)
def test_what_a_browser_lacks_is_named_with_the_servers_way(visit: Visit, script: str, words: str) -> None:
    page = visit()
    page.add_init_script(script)
    page.goto("/private")
    expect(page.get_by_role("alert")).to_contain_text(words)
    expect(page.get_by_role("alert").get_by_role("link")).to_have_attribute("href", "/")
    expect(page.get_by_role("button", name="Load it")).to_be_hidden()


def test_an_altered_file_is_refused(visit: Visit, proxy: LoggingProxy) -> None:
    def spoil(address: str, content: bytes) -> bytes:
        return content[:-1] + b"?" if address.startswith("/browser/files/") else content

    proxy.alter = spoil
    page = visit(proxy={"server": proxy.address, "bypass": "<-loopback>"})
    page.goto("/private")
    page.get_by_role("button", name="Load it").click()
    expect(page.get_by_role("alert")).to_contain_text("did not arrive as it was meant to", timeout=PATIENCE)
    expect(page.get_by_role("button", name="Load it")).to_be_enabled()


def test_what_is_no_photo_and_a_photo_without_a_face(visit: Visit, empty_png: bytes) -> None:
    page = visit()
    get_ready(page, "/private")
    choose(page, "diary.jpg", b"dear diary")
    expect(page.get_by_role("alert")).to_contain_text("cannot open diary.jpg as a photo", timeout=PATIENCE)
    choose(page, "sky.png", empty_png)
    expect(page.get_by_role("heading", name="No face found")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_be_hidden()
    expect(page.get_by_role("heading", name="What was tried")).to_be_visible()
    expect(page.get_by_role("button", name="CSV")).to_be_visible()


def test_a_photo_whose_end_is_missing_is_read_and_marked(visit: Visit, portrait_jpeg: bytes) -> None:
    buffer = io.BytesIO()
    Image.open(io.BytesIO(portrait_jpeg)).save(buffer, "JPEG", quality=90)
    whole = buffer.getvalue()
    page = visit()
    get_ready(page, "/private")
    choose(page, "half.jpg", whole[: len(whole) // 2])
    expect(page.get_by_role("alert")).to_contain_text("A large part of half.jpg is missing", timeout=PATIENCE)
    choose(page, "cut.jpg", whole[:-100])
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_focused(timeout=PATIENCE)
    expect(page.get_by_text("The end of the file is missing")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    assert json.loads(download.value.path().read_text(encoding="utf-8"))["warnings"] == ["truncated"]
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    header, row = csv.reader(download.value.path().read_text(encoding="utf-8-sig").splitlines())
    assert row[header.index("truncated")] == "true"
    choose(page, "whole.jpg", whole)
    expect(page.get_by_text("The end of the file is missing")).to_be_hidden(timeout=PATIENCE)


# So that a reading is stopped before the file is there.
SLOW_FILES = """{
    const read = Blob.prototype.arrayBuffer;
    Blob.prototype.arrayBuffer = async function () {
        await new Promise((done) => setTimeout(done, 1000));
        return read.call(this);
    };
}"""


@pytest.mark.parametrize("script", ["", SLOW_FILES], ids=["in its midst", "before the file is there"])
def test_a_reading_can_be_stopped_and_another_begun(
    visit: Visit, crowd_jpeg: bytes, portrait_jpeg: bytes, script: str
) -> None:
    page = visit()
    page.add_init_script(script)
    get_ready(page, "/private")
    choose(page, "crowd.jpg", crowd_jpeg)
    page.evaluate("document.querySelector('[data-stop]').click()")
    expect(page.locator("[data-photo]")).to_be_enabled(timeout=PATIENCE)
    expect(page.locator("[data-stop]")).to_be_hidden()
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.locator("article.face")).to_have_count(1, timeout=PATIENCE)
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_focused()


def test_what_pointed_to_an_expression_is_measured_on_request(visit: Visit, portrait_jpeg: bytes) -> None:
    page = visit()
    get_ready(page, "/private")
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.locator("article.face")).to_have_count(1, timeout=PATIENCE)
    part = page.locator("[data-explain='1']")
    assert part.locator("figure").count() == 0, "nobody has asked yet"
    # Both at once, so that it cannot be done before it is stopped.
    assert part.evaluate(STARTED_AND_STOPPED) == [False, True]
    expect(part.get_by_role("status")).to_have_text("Stopped.", timeout=PATIENCE)
    expect(part.get_by_role("button", name="Show me")).to_be_focused()
    picture = explain(page, 1, "happy").get_by_role("img")
    expect(picture).to_have_attribute(
        "alt", "Face 1 in gray; orange where covering a small patch makes “happy” less likely"
    )
    happy = picture.get_attribute("src")
    expect(part.locator("select")).to_have_value("happy")
    # The runs were of all expressions, so that the second one is there at once.
    surprised = explain(page, 1, "surprised").get_by_role("img")
    assert surprised.get_attribute("src") != happy
    # Another photo is not kept waiting by what is measured on the last one.
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.locator("article.face")).to_have_count(1, timeout=PATIENCE)
    part.get_by_role("button", name="Show me").click()
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_focused(timeout=PATIENCE)
    expect(page.get_by_role("alert")).to_be_hidden()


def test_what_a_face_does_is_measured_once_what_measures_it_was_loaded(
    visit: Visit, watch: Watch, portrait_jpeg: bytes, crowd_jpeg: bytes
) -> None:
    page = visit()
    get_ready(page, "/private")
    assert "1.1" in page.locator("[data-mesh-size]").inner_text()
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.locator("article.face")).to_have_count(1, timeout=PATIENCE)
    expect(page.locator(".movements")).to_have_count(0)
    watch.requests.clear()
    # Of the photo that is shown, too.
    add_what_measures(page)
    expect(page.locator(".movements")).to_contain_text("mouth corners up", timeout=PATIENCE)
    page.locator(".movements summary").click()
    expect(page.locator(".movements li").first).to_contain_text("of 100 calm faces.")
    assert len(watch.requests) == 1
    assert "/browser/files/" in watch.requests[0]
    # Stopping a reading ends the worker; the next one measures all the same.
    choose(page, "crowd.jpg", crowd_jpeg)
    page.evaluate("document.querySelector('[data-stop]').click()")
    expect(page.locator("[data-photo]")).to_be_enabled(timeout=PATIENCE)
    choose(page, "portrait.jpg", portrait_jpeg)
    expect(page.locator(".movements")).to_contain_text("mouth corners up", timeout=PATIENCE)


def test_the_sample_is_read_as_the_server_reads_it(visit: Visit) -> None:
    page = visit()
    get_ready(page, "/private")
    page.get_by_role("button", name="try the sample portrait").click()
    expect(page.get_by_role("heading", name="Looks happy.")).to_be_focused(timeout=PATIENCE)
    mark = page.get_by_role("link", name="Face 1: happy")
    assert page.locator(str(mark.get_attribute("href"))).count() == 1
