"""axe finds no violations on any page and in any state of the start page, light and dark, wide and narrow."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.form import analyse
from tests.browser.in_browser import PATIENCE, get_ready
from tests.browser.waiting import still
from webapp.samples import FOLDER

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/private",
    "/live",
    "/video",
    "/pipeline",
    "/guess/portrait",
    "/model",
    "/compare",
    "/results",
    "/privacy",
    "/responsible-use",
    "/api",
    "/nothing-here",
)


def send(page: Page, name: str, content: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", {"name": name, "mimeType": "image/jpeg", "buffer": content})
    analyse(page)


def one_face(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="A smile a broad smile").click()
    expect(page.locator("article.face")).to_have_count(1)


def many_faces(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="A crowd").click()
    expect(page.locator(".face-row").nth(5)).to_be_visible()
    page.locator("[data-open]").first.click()
    expect(page.locator(".card-row article.face")).to_be_visible()


def no_photo(page: Page) -> None:
    send(page, "diary.jpg", b"dear diary")
    expect(page.locator("#photo-error")).to_be_visible()


def compared(page: Page) -> None:
    page.goto("/compare")
    page.set_input_files("#photo", FOLDER / "astronaut.jpg")
    analyse(page)
    expect(page.locator(".matrix").first).to_be_visible()


def chosen(page: Page) -> None:
    page.goto("/")
    page.set_input_files("#photo", [FOLDER / "astronaut.jpg", FOLDER / "dim.jpg", FOLDER / "LICENSE.md"])
    analyse(page)
    expect(page.locator("[data-problem]")).to_be_visible()


def camera(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="Use the camera").click()
    expect(page.get_by_role("button", name="Take the photo")).to_be_enabled()


def no_camera(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = async () => { throw new Error('broken'); }; }"
    )
    page.get_by_role("button", name="Use the camera").click()
    expect(page.locator("dialog .field-error")).to_be_visible()


def inside(page: Page) -> None:
    one_face(page)
    page.get_by_role("button", name="Look inside").click()
    expect(page.get_by_role("navigation", name="Steps")).to_be_visible()
    page.get_by_role("button", name="Mouth").click()
    expect(page.locator(".cover-table")).to_be_visible()


def guessed(page: Page) -> None:
    page.goto("/guess/squeezed")
    page.get_by_role("button", name="neutral").click()
    expect(page.get_by_role("heading", name="Your guess")).to_be_visible()


def read_here(page: Page) -> None:
    get_ready(page, "/private")
    page.set_input_files("[data-photo]", FOLDER / "several.jpg")
    expect(page.get_by_role("heading", name="Take it with you")).to_be_visible(timeout=PATIENCE)


def inside_here(page: Page) -> None:
    get_ready(page, "/private")
    page.set_input_files("[data-photo]", FOLDER / "hopper.jpg")
    expect(page.locator("article.face")).to_have_count(1, timeout=PATIENCE)
    page.get_by_role("button", name="Look inside").click()
    cover = page.locator("[data-cover]")
    expect(cover).to_be_visible(timeout=PATIENCE)
    cover.get_by_role("button", name="Mouth").click()
    expect(cover.get_by_role("status")).to_contain_text("the mouth", timeout=PATIENCE)


def mirror(page: Page) -> None:
    get_ready(page, "/live")
    page.get_by_role("button", name="Start the camera").click()
    expect(page.get_by_text("No face in sight.").first).to_be_visible(timeout=PATIENCE)


STATES: tuple[Callable[[Page], None], ...] = (
    one_face,
    inside,
    guessed,
    many_faces,
    no_photo,
    compared,
    chosen,
    camera,
    no_camera,
    read_here,
    inside_here,
    mirror,
)


def complaints(page: Page) -> list[str]:
    """Return axe's findings, each with the element and the reason."""
    still(page)
    found = Axe().run(page).response["violations"]
    return [
        f"{violation['id']}: {node['target']} {node.get('failureSummary', '')}"
        for violation in json.loads(json.dumps(found))
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("scheme", "width", "motion"), [("light", 1440, "reduce"), ("dark", 360, "no-preference")]
)
def test_no_page_has_a_violation(
    visit: Visit, empty_png: bytes, scheme: str, width: int, motion: str
) -> None:
    page = visit(
        color_scheme=scheme,
        viewport={"width": width, "height": 900},
        permissions=["camera"],
        reduced_motion=motion,
    )
    found = {}
    for address in PAGES:
        page.goto(address)
        found[address] = complaints(page)
    for state in STATES:
        state(page)
        found[state.__name__] = complaints(page)
    send(page, "empty.png", empty_png)
    expect(page.get_by_role("heading", name="No face found")).to_be_visible()
    found["no face"] = complaints(page)
    assert {place: reasons for place, reasons in found.items() if reasons} == {}


def test_axe_would_find_something(visit: Visit) -> None:
    """A check that can't fail proves nothing: a picture without words must be found."""
    page = visit()
    page.goto("/privacy")
    page.evaluate("document.querySelector('main').append(document.createElement('img'))")
    assert any(reason.startswith("image-alt") for reason in complaints(page))
