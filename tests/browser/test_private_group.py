"""Groups and boxes that are drawn, read in the browser: the results page's own sheet and form, and nothing is sent."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from playwright.sync_api import Page, expect

from model import Recognizer
from model.output.serialize import analysis_to_dict
from tests.browser.in_browser import PATIENCE, SAMPLES, get_ready

if TYPE_CHECKING:
    from tests.browser.conftest import Visit, Watch

pytestmark = pytest.mark.browser


def choose(page: Page, name: str, content: bytes) -> None:
    page.set_input_files("[data-photo]", {"name": name, "mimeType": "", "buffer": content})
    expect(page.locator("[data-result] .take")).to_be_visible(timeout=PATIENCE)


def begin(visit: Visit, watch: Watch, name: str) -> tuple[Page, bytes]:
    """Read a sample on /private; ``watch`` has what was asked for since it was chosen."""
    page, photo = visit(), (SAMPLES / name).read_bytes()
    get_ready(page, "/private")
    watch.requests.clear()
    choose(page, name, photo)
    return page, photo


def result(page: Page) -> dict[str, Any]:
    with page.expect_download() as download:
        page.get_by_role("button", name="JSON").click()
    told: dict[str, Any] = json.loads(download.value.path().read_text(encoding="utf-8"))
    return told


def asked_of_the_server(watch: Watch) -> list[str]:
    """Return what the page fetched, but for its icon, which a browser loads late."""
    return [url for url in watch.requests if not url.startswith("blob:") and "/favicon.svg" not in url]


def column(page: Page, cell: str) -> list[str]:
    return [text.strip() for text in page.locator(f".face-row:visible {cell}").all_inner_texts()]


def test_a_group_is_sorted_filtered_and_opened_as_on_the_servers_page(
    visit: Visit, watch: Watch, recognizer: Recognizer
) -> None:
    page, photo = begin(visit, watch, "several.jpg")
    count = len(recognizer.analyze(photo).faces)
    rows = page.locator(".face-row")
    expect(rows).to_have_count(count)
    expect(page.locator("article.face")).to_have_count(0)
    page.get_by_role("button", name="Sure", exact=True).click()
    expect(page.locator('th[data-column="sure"]')).to_have_attribute("aria-sort", "descending")
    surest = column(page, ".sure")
    page.get_by_role("button", name="Sure", exact=True).click()
    expect(page.locator('th[data-column="sure"]')).to_have_attribute("aria-sort", "ascending")
    assert column(page, ".sure") == surest[::-1]
    chip = page.locator("[data-tally] button").nth(1)
    words = chip.inner_text().split(" ", 1)
    chip.click()
    expect(page.locator(".face-row:visible")).to_have_count(int(words[0]))
    assert set(column(page, ".brief")) == {words[1]}
    page.locator('[data-tally] button[value="all"]').click()
    page.get_by_role("button", name="Open face 2", exact=True).click()
    expect(page.locator("#photo-1-face-2.face .stages")).to_be_visible()
    page.get_by_role("button", name="Close face 2", exact=True).click()
    expect(page.locator("article.face")).to_have_count(0)
    page.evaluate("location.hash = 'photo-1-face-3'")
    expect(page.locator("article#photo-1-face-3")).to_be_visible()
    page.get_by_role("button", name="Open all cards").click()
    expect(page.locator("article.face")).to_have_count(count)
    page.evaluate("window.print = () => { window.printed = true; }")
    page.get_by_role("button", name="Print").click()
    assert page.evaluate("window.printed")
    assert asked_of_the_server(watch) == []


def test_a_face_that_was_missed_is_drawn_and_read_here(
    visit: Visit, watch: Watch, recognizer: Recognizer
) -> None:
    page, photo = begin(visit, watch, "astronaut.jpg")
    expect(page.locator("article.face")).to_have_count(1)
    page.get_by_text("A face missing? Draw a box").click()
    drawing = page.get_by_role("application", name="Box on the photo")
    place = drawing.bounding_box()
    assert place is not None
    # The rocket in the background.
    page.mouse.move(place["x"] + 0.7 * place["width"], place["y"] + 0.1 * place["height"])
    page.mouse.down()
    page.mouse.move(place["x"] + 0.9 * place["width"], place["y"] + 0.35 * place["height"], steps=5)
    page.mouse.up()
    box = [page.get_by_label(name).input_value() for name in ("Left", "Top", "Width", "Height")]
    assert box[2] == box[3], "the network reads a square"
    page.get_by_role("button", name="Read this part").click()
    card = page.locator("article.face.pointed")
    expect(card).to_be_focused(timeout=PATIENCE)
    expect(card).to_contain_text("No face detected here")
    expect(page.locator(".face-mark")).to_have_count(2)
    told = result(page)["faces"]
    assert [(face["source"], face["number"]) for face in told] == [("detected", 1), ("region", 2)]
    x, y, width, height = (float(value) for value in box)
    (expected,) = analysis_to_dict("", recognizer.analyze(photo, region=(x, y, width, height)))["faces"]
    assert told[1]["probabilities"] == pytest.approx(expected["probabilities"], abs=1e-3)
    same = ("box", "score", "landmarks", "emotion", "faint", "quality")
    for key, value in expected.items():
        assert key not in same or told[1][key] == value, key
    assert asked_of_the_server(watch) == []


def test_where_no_face_was_found_one_is_pointed_at(visit: Visit, empty_png: bytes) -> None:
    page = visit()
    get_ready(page, "/private")
    choose(page, "sky.png", empty_png)
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    page.get_by_role("button", name="Use the whole photo").click()
    expect(page.get_by_role("heading", name="You pointed here")).to_be_visible(timeout=PATIENCE)
    expect(page.locator("article.face.pointed")).to_be_focused()
    told = result(page)
    (face,) = told["faces"]
    assert face["box"] == [0, 0, told["width"], told["height"]]
    # Another part takes its place.
    page.get_by_text("Point at another part").click()
    page.get_by_label("Width").fill("40")
    page.get_by_label("Height").fill("40")
    page.get_by_role("button", name="Read this part").click()
    expect(page.locator("article.face.pointed")).to_be_focused(timeout=PATIENCE)
    (face,) = result(page)["faces"]
    assert face["box"][2:] == [40, 40]


def test_a_photo_that_was_turned_is_read_as_it_came(
    visit: Visit, watch: Watch, recognizer: Recognizer
) -> None:
    page, photo = begin(visit, watch, "turned.jpg")
    turned = analysis_to_dict("", recognizer.analyze(photo))
    assert turned["turn"] != 0
    told = result(page)
    assert [told["turn"], told["width"], told["height"]] == [
        turned["turn"],
        turned["width"],
        turned["height"],
    ]
    again = page.get_by_role("button", name="Wrong way round? Read it as it came")
    again.click()
    expect(again).to_be_hidden(timeout=PATIENCE)
    expect(page.locator("[data-heading]")).to_be_focused()
    expected = analysis_to_dict("", recognizer.analyze(photo, rotate=False))
    told = result(page)
    assert [told["turn"], told["width"], told["height"]] == [0, expected["width"], expected["height"]]
    assert [face["emotion"] for face in told["faces"]] == [face["emotion"] for face in expected["faces"]]
    shown = page.locator(".photo img")
    wide = shown.evaluate("(image) => image.naturalWidth > image.naturalHeight")
    assert wide == (expected["width"] > expected["height"]), "the photo is shown as it came"
    assert asked_of_the_server(watch) == []
