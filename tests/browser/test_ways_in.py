"""Every way to choose a photo in a real browser: file dialog, drop, paste, a phone's camera, samples."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Page, expect

from tests.browser.form import HOLD, analyse, expect_result, photo, with_script, without_script
from tests.browser.waiting import settled, wait_until
from webapp.settings import MEBIBYTE

if TYPE_CHECKING:
    from tests.browser.conftest import Visit

pytestmark = pytest.mark.browser

TRANSFER = """const transfer = new DataTransfer();
    for (const [name, type, bytes] of files) transfer.items.add(new File([new Uint8Array(bytes)], name, {type}));"""
DRAG = f"""(target, [kind, files]) => {{
    {TRANSFER}
    const event = new DragEvent(kind, {{dataTransfer: transfer, bubbles: true, cancelable: true}});
    return !target.dispatchEvent(event);
}}"""
PASTE = f"""(target, files) => {{
    {TRANSFER}
    const event = new ClipboardEvent("paste", {{clipboardData: transfer, bubbles: true, cancelable: true}});
    return !target.dispatchEvent(event);
}}"""
PASTE_TEXT = """(target) => {
    const transfer = new DataTransfer();
    transfer.setData("text/plain", "dear diary");
    const event = new ClipboardEvent("paste", {clipboardData: transfer, bubbles: true, cancelable: true});
    return !target.dispatchEvent(event);
}"""


def expect_names(page: Page, names: list[str]) -> None:
    """The photos that are chosen have these names."""
    expect(page.locator("[data-chosen] [data-name]")).to_have_text(names)


def test_several_photos_lead_to_a_result(page: Page, portrait_jpeg: bytes, empty_png: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", [photo(portrait_jpeg), photo(empty_png, "empty.png", "image/png")])
    analyse(page)
    expect_result(page)
    for name in ("holiday.jpg", "empty.png"):
        expect(page.get_by_role("main")).to_contain_text(name)


@with_script
def test_chosen_photos_are_shown_and_can_be_taken_back(
    page: Page, portrait_jpeg: bytes, empty_png: bytes
) -> None:
    page.goto("/")
    status = page.locator("#upload [role=status]")
    page.set_input_files("#photo", [photo(portrait_jpeg), photo(empty_png, "empty.png", "image/png")])
    expect_names(page, ["holiday.jpg", "empty.png"])
    expect(page.locator("[data-size]").first).to_have_text("57 kB")
    expect(status).to_have_text(re.compile(r"^2 photos chosen, \d+ kB in all\.$"))
    expect(page.locator("label[for=photo]")).to_have_text("Add more photos")
    page.set_input_files("#photo", [photo(portrait_jpeg, "third.jpg")])
    expect_names(page, ["holiday.jpg", "empty.png", "third.jpg"])
    wait_until(page, "document.querySelector('[data-chosen] canvas').height === 320")
    page.get_by_role("button", name="Remove empty.png").click()
    expect_names(page, ["holiday.jpg", "third.jpg"])
    expect(page.get_by_role("button", name="Remove third.jpg")).to_be_focused()
    wait_until(page, "document.getElementById('photo').files.length", 2)
    page.get_by_role("button", name="Remove third.jpg").click()
    page.get_by_role("button", name="Remove holiday.jpg").click()
    expect(status).to_have_text("No photo is chosen any more.")
    expect(page.locator("#photo")).to_be_focused()
    expect(page.locator("[data-chosen]")).to_be_hidden()


@with_script
def test_the_preview_is_the_photo(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.evaluate(HOLD)
    page.set_input_files("#photo", photo(portrait_jpeg))
    wait_until(page, "document.querySelector('[data-chosen] canvas').height === 320")
    middle = "(canvas) => [...canvas.getContext('2d').getImageData(160, 200, 1, 1).data]"
    red, _, blue, alpha = page.locator("[data-chosen] canvas").evaluate(middle)
    assert alpha == 255
    assert red > blue + 40, "the suit in the middle is orange"


@with_script
def test_the_same_photo_is_not_taken_twice_and_no_more_than_ten(page: Page, tmp_path: Path) -> None:
    page.goto("/")
    files = [tmp_path / f"{number}.jpg" for number in range(12)]
    for file in files:
        file.write_bytes(b"x")
    page.set_input_files("#photo", files[:9])
    page.set_input_files("#photo", files)
    expect(page.locator("[data-chosen] [data-name]")).to_have_count(10)
    expect(page.locator("[data-problem]")).to_have_text("Only 10 photos go at once; 2 left out.")


@with_script
def test_a_files_content_tells_what_it_is(page: Page, portrait_jpeg: bytes) -> None:
    """Its name and its type may say something else."""
    heic = (Path(__file__).resolve().parents[1] / "files" / "portrait.heic").read_bytes()
    page.goto("/")
    page.set_input_files(
        "#photo",
        [
            photo(portrait_jpeg, "really-a-jpeg.heic", "image/heic"),
            photo(portrait_jpeg, "really-a-jpeg.pdf", "application/pdf"),
            photo(heic, "really-a-heic.jpg", "image/jpeg"),
            photo(b"%PDF-1.7\n", "scan.jpg", "image/jpeg"),
            photo(b"\0\0\0\x18ftypqt  \0\0\0\0qt  " + bytes(40), "film.jpg", "image/jpeg"),
            photo(b"II*\0" + bytes(60), "scan.png", "image/png"),
        ],
    )
    expect(page.locator("[data-bad]")).to_have_text(
        [
            "",
            "",
            "",
            "a PDF: save the picture in it",
            "a video.",
            "a TIFF picture: save it as JPEG",
        ]
    )
    ways = page.get_by_role("link", name="Videos are read in your browser")
    expect(ways).to_have_count(1)
    expect(ways).to_have_attribute("href", "/video")
    for name in ("scan.jpg", "film.jpg", "scan.png"):
        page.get_by_role("button", name=f"Remove {name}").click()
    analyse(page)
    expect_result(page)
    expect(page.get_by_role("main")).to_contain_text("really-a-heic.jpg")


@with_script
def test_what_would_be_refused_is_not_even_sent(page: Page, huge: Path, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", huge)
    page.set_input_files("#photo", photo(b"dear diary", "diary.txt", "text/plain"))
    page.set_input_files("#photo", [photo(b"", "nothing.jpg"), photo(portrait_jpeg)])
    expect(page.locator("[data-bad]")).to_have_text(
        ["over the limit of 8 MB", "not a JPEG, PNG, WebP, HEIC, AVIF, GIF or BMP", "the file is empty", ""]
    )
    analyse(page)
    expect(page.locator("[data-problem]")).to_have_text("Remove what can’t be sent, then press Analyse.")
    expect(page.get_by_role("button", name="Remove huge.jpg")).to_be_focused()
    assert page.url.endswith("/")
    for name in ("huge.jpg", "diary.txt", "nothing.jpg"):
        page.get_by_role("button", name=f"Remove {name}").click()
    expect(page.locator("[data-problem]")).to_be_hidden()
    analyse(page)
    expect_result(page)


@without_script
def test_without_a_script_the_server_says_what_is_too_large(page: Page, huge: Path) -> None:
    page.goto("/")
    page.set_input_files("#photo", huge)
    analyse(page)
    expect(page.locator("#photo-error")).to_contain_text("huge.jpg is larger than 8 MB")


def test_nothing_chosen_is_said(page: Page) -> None:
    page.goto("/")
    analyse(page)
    expect(page.get_by_role("alert").filter(visible=True)).to_contain_text("Choose a photo first")


@with_script
def test_a_photo_that_cannot_be_shown_is_sent_all_the_same(page: Page) -> None:
    page.goto("/")
    page.set_input_files("#photo", photo(b"dear diary"))
    expect(page.locator("#photo-error")).to_be_visible()
    settled(page)
    page.evaluate(HOLD)
    page.set_input_files("#photo", photo(b"dear diary", "other.jpg"))
    expect(page.locator("#photo-error")).to_have_count(0)
    assert page.locator("#photo").get_attribute("aria-invalid") is None


@with_script
def test_photos_can_be_dropped_anywhere(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    files = [["one.jpg", "image/jpeg", list(portrait_jpeg)], ["two.jpg", "image/jpeg", [1]]]
    page.evaluate(HOLD)
    body = page.locator("h1")
    assert body.evaluate(DRAG, ["dragover", files]), "the page itself must not be replaced by the photo"
    expect(page.locator("[data-drop]")).to_have_class(re.compile("over"))
    assert body.evaluate(DRAG, ["drop", files[:1]])
    expect(page.locator("[data-drop]")).not_to_have_class(re.compile("over"))
    assert page.locator("[data-drop]").evaluate(DRAG, ["drop", files[1:]])
    expect_names(page, ["one.jpg", "two.jpg"])
    page.goto("/")
    page.locator("h1").evaluate(DRAG, ["drop", files[:1]])
    expect_result(page)


@with_script
def test_photos_can_be_pasted(page: Page, portrait_jpeg: bytes) -> None:
    page.goto("/")
    page.evaluate(HOLD)
    body = page.locator("body")
    assert not body.evaluate(PASTE_TEXT), "other pastes are none of the page's business"
    assert body.evaluate(PASTE, [["image.png", "image/png", list(portrait_jpeg)]])
    assert body.evaluate(PASTE, [["image.png", "image/jpeg", list(portrait_jpeg)]])
    expect_names(page, ["pasted-1.png", "pasted-2.jpg"])
    page.goto("/")
    page.locator("body").evaluate(PASTE, [["image.png", "image/png", list(portrait_jpeg)]])
    expect_result(page)


@pytest.mark.parametrize("script", [True, False])
def test_a_phone_takes_a_photo(visit: Visit, portrait_jpeg: bytes, script: bool) -> None:
    page = visit(
        viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True, java_script_enabled=script
    )
    page.goto("/")
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible(visible=script)
    expect(page.locator("label[for=shot]")).to_be_visible(visible=not script)
    page.set_input_files("#shot", photo(portrait_jpeg, "image.jpg"))
    if not script:
        analyse(page)
    expect_result(page)


@with_script
def test_a_desktop_has_no_button_for_a_phones_camera(page: Page) -> None:
    page.goto("/")
    expect(page.locator("label[for=shot]")).to_be_hidden()
    expect(page.get_by_role("button", name="Use the camera")).to_be_visible()


def test_a_sample_is_one_press_away(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="A smile a broad smile").click()
    expect_result(page)


@pytest.fixture
def huge(tmp_path: Path) -> Path:
    """A file of 12 MB, on disk because Playwright hands large contents over slowly."""
    path = tmp_path / "huge.jpg"
    path.write_bytes(b"\xff\xd8" + bytes(12 * MEBIBYTE))
    return path
