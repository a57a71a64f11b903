"""What a page that reads in the browser lets one take along is what the server makes: one HTML file, cards to post."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page, Route, expect

from tests.browser.form import analyse
from tests.browser.in_browser import PATIENCE, SAMPLES, get_ready
from webapp.presenters import share_card

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser

# Left, top, width and height of the pictures of a face on its card, by shape.
PLACES = {
    "wide": {"face": (56, 56, 330, 330), "input": (56, 404, 156, 156), "spoke": (230, 404, 156, 156)},
    "square": {"face": (56, 56, 474, 474), "input": (552, 56, 218, 218), "spoke": (552, 312, 218, 218)},
}
WRITTEN = """
window.written = [];
const fillText = CanvasRenderingContext2D.prototype.fillText;
CanvasRenderingContext2D.prototype.fillText = function (text, ...given) {
    window.written.push(String(text));
    return fillText.call(this, text, ...given);
};
"""
# A share sheet that keeps what it is given, and refuses once.
SHEET = """
window.shared = [];
window.refusals = ["NotAllowedError", "AbortError"];
navigator.canShare = ({files}) => files.every(({type}) => type === "image/png");
navigator.share = async ({files: [file], title}) => {
    if (window.refusals.length) throw new DOMException("no", window.refusals.shift());
    window.shared.push([title, file.name, file.type, [...new Uint8Array(await file.arrayBuffer())]]);
};
"""


def choose(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("[data-photo]", {"name": name, "mimeType": "", "buffer": content})
    expect(page.locator("[data-result] .take")).to_be_visible(timeout=PATIENCE)


def take(page: Page, button: str) -> tuple[str, bytes]:
    """Press a button that downloads; return the file's name and content."""
    with page.expect_download(timeout=PATIENCE) as download:
        page.get_by_role("button", name=button).click()
    return download.value.suggested_filename, download.value.path().read_bytes()


def of_the_server(visit: Visit, name: str, content: bytes, buttons: list[str]) -> dict[str, bytes]:
    """Return what the results page lets one take along, by the buttons' words."""
    page = visit()
    page.goto("/")
    page.set_input_files("#photo", {"name": name, "mimeType": "image/jpeg", "buffer": content})
    analyse(page)
    expect(page.get_by_role("heading", name="Take it with you")).to_be_visible()
    return {button: take(page, button)[1] for button in buttons}


def pixels(png: bytes) -> NDArray[np.float32]:
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.float32)


def part(picture: NDArray[np.float32], box: tuple[int, int, int, int]) -> NDArray[np.float32]:
    left, top, width, height = box
    return picture[top : top + height, left : left + width]


def ink(picture: NDArray[np.float32], left: int, top: int) -> tuple[int, int, int]:
    """Return right end, first and last row of what is drawn on the paper right of ``left`` and below ``top``."""
    paper = np.array([int(share_card.PAPER[place : place + 2], 16) for place in (1, 3, 5)])
    rows, columns = np.nonzero((np.abs(picture - paper).max(axis=2) > 60)[top:, left:])
    return int(columns.max()) + left, int(rows.min()) + top, int(rows.max()) + top


def test_the_html_file_needs_nothing_else(visit: Visit, watch: Watch, tmp_path: Path) -> None:
    page = visit()
    get_ready(page, "/private")
    watch.requests.clear()
    choose(page, "together.jpg", (SAMPLES / "together.jpg").read_bytes())
    name, content = take(page, "One HTML file")
    assert name == "together-emotions.html"
    assert [url for url in watch.requests if not url.startswith("blob:") and "/favicon.svg" not in url] == []
    watch.requests.clear()
    html = content.decode()
    assert len(re.findall(r"<img ", html)) >= 7
    assert set(re.findall(r'src="([^;]*)', html)) == {"data:image/jpeg", "data:image/png"}
    saved = tmp_path / name
    saved.write_bytes(content)
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.continue_()

    alone = visit(base_url=None)
    alone.route("**/*", answer)
    alone.goto(saved.as_uri())
    expect(alone.get_by_role("heading", name="One looks happy, one neutral")).to_be_visible()
    expect(alone.locator("article.face")).to_have_count(2)
    broken = "(all) => all.filter((each) => !each.naturalWidth).map((each) => each.alt)"
    assert alone.locator("img").evaluate_all(broken) == []
    width = "document.querySelector('article.face').getBoundingClientRect().width"
    assert alone.evaluate(width) > 300, "its styles are in it"
    assert asked == [saved.as_uri()]
    watch.requests.clear()


def test_the_card_of_a_face_is_the_servers(visit: Visit, watch: Watch, portrait_jpeg: bytes) -> None:
    buttons = {"wide": "Card to post, wide", "square": "Card to post, square"}
    made = of_the_server(visit, "me.jpg", portrait_jpeg, [*buttons.values()])
    page = visit()
    page.add_init_script(WRITTEN)
    get_ready(page, "/private")
    choose(page, "me.jpg", portrait_jpeg)
    watch.requests.clear()
    headline, detail = (
        " ".join(page.locator(f"[data-result] {each}").first.inner_text().split())
        for each in ("[data-heading]", ".lead")
    )
    groups = [
        " ".join(text.split())
        for text in page.locator("[data-result] .results-head .ten-words > span").all_inner_texts()
    ]
    for shape, button in buttons.items():
        page.evaluate("window.written = []")
        name, content = take(page, button)
        assert name == f"me-{shape}.png"
        mine, server = pixels(content), pixels(made[button])
        assert mine.shape == server.shape == (*share_card.SIZES[share_card.SHAPES[shape]][::-1], 3)
        for what, box in PLACES[shape].items():
            apart = np.abs(part(mine, box) - part(server, box)).mean()
            assert apart < 6, (shape, what)
            assert part(mine, box).std() > 20, (shape, what)
        said = [
            share_card.GRAYS.format(columns=48, rows=48),
            share_card.SPOKE,
            headline.rstrip("."),
            detail,
            ", ".join(groups),
            "Face Value",
            share_card.NOTE,
        ]
        assert " ".join(page.evaluate("window.written")) == " ".join(said)
        corner = (442, 0) if shape == "wide" else (0, 540)
        assert np.abs(np.subtract(ink(mine, *corner), ink(server, *corner))).max() < 60, shape
        left, top = (442, 56) if shape == "wide" else (56, 566)
        colour = np.array([int(share_card.TONES["happy"][place : place + 2], 16) for place in (1, 3, 5)])
        people = [int((np.abs(each - colour).max(axis=2) < 12)[top:, left:].sum()) for each in (mine, server)]
        assert people[0] == pytest.approx(people[1], rel=0.04), shape
        assert people[0] > 5000
    assert [url for url in watch.requests if not url.startswith("blob:") and "/favicon.svg" not in url] == []


def test_the_card_of_a_group_is_the_servers(visit: Visit) -> None:
    photo = (SAMPLES / "several.jpg").read_bytes()
    button = "Card to post, wide"
    server = pixels(of_the_server(visit, "several.jpg", photo, [button])[button])
    page = visit()
    page.add_init_script(WRITTEN)
    get_ready(page, "/private")
    choose(page, "several.jpg", photo)
    page.evaluate("window.written = []")
    name, content = take(page, button)
    assert name == "several-wide.png"
    mine = pixels(content)
    assert mine.shape == server.shape
    height, width = Image.open(io.BytesIO(photo)).size[::-1]
    scale = min(620 / width, 518 / height)
    shown = (56, 56, round(scale * width), round(scale * height))
    assert np.abs(part(mine, shown) - part(server, shown)).mean() < 12
    heading = page.get_by_role("heading", level=2).first.inner_text()
    written = [text for text in page.evaluate("window.written") if not text.isdecimal()]
    assert " ".join(written) == f"{heading} Face Value {share_card.NOTE}"


@pytest.mark.parametrize("address", ["/private", "/"])
def test_a_card_is_shared_once_everyone_agrees(visit: Visit, portrait_jpeg: bytes, address: str) -> None:
    page = visit()
    page.add_init_script(SHEET)
    if address == "/private":
        get_ready(page, address)
        choose(page, "me.jpg", portrait_jpeg)
    else:
        page.goto(address)
        page.set_input_files("#photo", {"name": "me.jpg", "mimeType": "image/jpeg", "buffer": portrait_jpeg})
        analyse(page)
    page.get_by_role("button", name="Share …").click()
    dialog = page.get_by_role("dialog", name="Share the card")
    expect(dialog).to_contain_text("Only with the consent of everyone in it.")
    now = dialog.get_by_role("button", name="Everyone agrees: share")
    dialog.get_by_label("Square").check()
    expect(now).to_be_enabled(timeout=PATIENCE)
    now.click()
    expect(dialog.get_by_role("status")).to_have_text("Your browser did not share it. Download it instead.")
    # Closing the share sheet is no failure, and can be thought over.
    now.click()
    now.click()
    expect(dialog).to_be_hidden()
    ((title, name, kind, content),) = page.evaluate("window.shared")
    assert title.startswith("Looks happy")
    assert (name, kind) == ("face-value.png", "image/png")
    assert Image.open(io.BytesIO(bytes(content))).size == share_card.SIZES["square"]


def test_where_nothing_can_be_shared_it_is_not_offered(visit: Visit, portrait_jpeg: bytes) -> None:
    page = visit()
    page.add_init_script("delete Navigator.prototype.canShare")
    get_ready(page, "/private")
    choose(page, "me.jpg", portrait_jpeg)
    expect(page.get_by_role("button", name="Card to post, wide")).to_be_visible()
    expect(page.get_by_role("button", name="Share …")).to_have_count(0)
