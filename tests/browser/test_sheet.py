"""The contact sheet in a real browser, with and without scripts: sorted, filtered, opened; and how long the page is."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.form import analyse
from tests.browser.waiting import settled, wait_for
from tests.helpers import groups
from webapp.samples import FOLDER

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

with_script = pytest.mark.parametrize("page", ["script"], indirect=True)

# One face each; the crowd of the samples has seven.
SIX = ("astronaut.jpg", "hopper.jpg", "dim.jpg", "masked.jpg", "small.jpg", "turned.jpg")
PHONE = {"width": 390, "height": 844}


def send(page: Page, *names: str) -> None:
    page.goto("/")
    page.set_input_files("#photo", [FOLDER / name for name in names])
    analyse(page)
    expect(page.locator("#take-heading")).to_be_visible()
    settled(page)


def column(page: Page, cell: str) -> list[str]:
    # Without scripts each press leads to another page.
    settled(page)
    return [text.strip() for text in page.locator(f".face-row:visible {cell}").all_inner_texts()]


def length(page: Page) -> int:
    settled(page)
    return int(page.evaluate("document.documentElement.scrollHeight"))


def test_rows_are_sorted_and_filtered(page: Page) -> None:
    send(page, "several.jpg", "dim.jpg")
    everyone = len(column(page, ".brief"))
    assert everyone >= 7
    page.get_by_role("button", name="Sure", exact=True).click()
    expect(page.locator('th[data-column="sure"]')).to_have_attribute("aria-sort", "descending")
    surest = column(page, ".sure")
    page.get_by_role("button", name="Sure", exact=True).click()
    expect(page.locator('th[data-column="sure"]')).to_have_attribute("aria-sort", "ascending")
    wait_for(page, lambda: column(page, ".sure"), surest[::-1])
    chip = page.locator('[data-tally] button[value="happy"]')
    count = int(chip.inner_text().split()[0])
    chip.click()
    expect(page.locator('[data-tally] button[value="happy"]')).to_have_attribute("aria-pressed", "true")
    expect(page.locator(".face-row:visible")).to_have_count(count)
    wait_for(page, lambda: set(column(page, ".brief")), {"happy"})
    page.locator('[data-tally] button[value="all"]').click()
    expect(page.locator(".face-row:visible")).to_have_count(everyone)
    expect(page.locator('th[data-column="sure"]')).to_have_attribute("aria-sort", "ascending")


def test_a_row_opens_its_card_and_closes_it(page: Page) -> None:
    send(page, "several.jpg", "dim.jpg")
    expect(page.locator("article.face")).to_have_count(0)
    page.get_by_role("button", name="Open face 1 of dim.jpg").click()
    card = page.locator("article.face")
    expect(card).to_have_attribute("id", "photo-2-face-1")
    expect(card.locator(".stages")).to_be_visible()
    expect(page.locator(".face-row")).not_to_have_count(0)
    card.get_by_role("button", name="Show me").first.click()
    expect(page.locator("article.face .explain figure")).to_be_visible()


def test_an_open_card_is_closed_again(page: Page) -> None:
    send(page, "several.jpg")
    page.get_by_role("button", name="Open face 2", exact=True).click()
    expect(page.locator("#photo-1-face-2.face")).to_be_visible()
    page.get_by_role("button", name="Close face 2", exact=True).click()
    expect(page.locator("article.face")).to_have_count(0)
    expect(page.locator(".face-row")).not_to_have_count(0)


def test_one_photo_of_several_is_opened_alone(page: Page) -> None:
    send(page, *SIX)
    page.get_by_role("button", name="Open this photo (hopper.jpg)").click()
    expect(page.locator("article.face")).to_have_count(1)
    expect(page.locator(".one-photo, .contact-photos")).to_have_count(0)


@with_script
def test_a_link_to_a_face_opens_its_card(page: Page) -> None:
    send(page, "several.jpg")
    page.evaluate("location.hash = 'photo-1-face-3'")
    expect(page.locator("article#photo-1-face-3")).to_be_visible()


def test_six_photos_fit_a_phone(visit: Visit) -> None:
    page = visit(viewport=PHONE)
    send(page, *SIX)
    assert length(page) <= 3500
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_six_photos_with_twelve_faces_fit_a_phone(visit: Visit) -> None:
    canvas, heads = groups.background(2900, 480), groups.heads()
    for place in range(7):
        groups.put(canvas, heads[place % len(heads)], 20 + 410 * place, 90, 170)
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "JPEG", quality=92)
    group: FilePayload = {"name": "group.jpg", "mimeType": "image/jpeg", "buffer": buffer.getvalue()}
    others: list[FilePayload] = [
        {"name": name, "mimeType": "image/jpeg", "buffer": (FOLDER / name).read_bytes()} for name in SIX[:5]
    ]
    page = visit(viewport=PHONE)
    page.goto("/")
    page.set_input_files("#photo", [group, *others])
    page.locator("[data-submit]").click()
    expect(page.locator(".face-row")).to_have_count(12)
    assert length(page) <= 4500
