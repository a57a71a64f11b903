"""The start page: usable without scripts, and complete texts for the scripts."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML

if TYPE_CHECKING:
    from tests.conftest import MakeApp

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "static" / "js"


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def test_the_form_takes_several_photos_and_a_phones_camera(client: FlaskClient) -> None:
    html = page(client.get("/").text)
    (field,) = html.query("#photo")
    assert "multiple" in field.attrs
    kinds = field.attrs["accept"].split(",")
    assert {"image/jpeg", "image/png", "image/webp", "image/avif", "image/gif", "image/bmp"} < set(kinds)
    assert {"image/heic", "image/heif", ".heic", ".heif"} < set(kinds)
    (shot,) = html.query("#shot")
    assert shot.attrs["capture"] == "user"
    assert shot.attrs["name"] == field.attrs["name"] == "photo"
    (form,) = html.query("#upload")
    assert form.attrs["enctype"] == "multipart/form-data"
    for control in html.query("#upload input[type=file]"):
        (label,) = html.query(f"label[for={control.attrs['id']}]")
        assert label.to_text().strip()


def test_what_needs_a_script_is_not_shown_without(client: FlaskClient) -> None:
    html = page(client.get("/").text)
    for part in ("[data-camera]", "[data-chosen]", "[data-problem]", "[data-progress]"):
        (element,) = html.query(part)
        assert "hidden" in element.attrs
    (dialog,) = html.query("dialog")
    assert "open" not in dialog.attrs


def test_the_notice_stands_before_the_upload(client: FlaskClient) -> None:
    html = page(client.get("/").text)
    text = " ".join(html.query("#upload")[0].to_text().split())
    for words in ("people who agree", "at work or school", "hiring", "medicine", "in memory and not kept"):
        assert words in text
    assert "not an inner feeling" in html.query(".pitch")[0].to_text()
    assert html.query("#upload a[href='/privacy']")


def test_limits_are_said_as_they_are_set(make_app: MakeApp) -> None:
    client = make_app(testing=True, max_photos=3, max_upload_bytes=2 * 1024 * 1024).test_client()
    text = client.get("/").text
    assert "Up to three photos, JPEG, PNG, WebP, HEIC, AVIF, GIF or BMP, each up to 2 MB." in text
    assert 'data-max-photos="3"' in text
    assert 'data-max-bytes="2097152"' in text


def test_every_word_that_the_scripts_say_is_handed_to_them(client: FlaskClient) -> None:
    (form,) = page(client.get("/").text).query("#upload")
    handed = json.loads(form.attrs["data-words"])
    code = "\n".join((SCRIPTS / f"{name}.js").read_text() for name in ("upload", "ways", "camera"))
    said = set(re.findall(r"words\.(\w+)", code)) | set(re.findall(r'say\("(\w+)"', code))
    assert said <= set(handed)
    assert [word for word in handed if not re.search(rf"\b{word}\b", code)] == []


def test_a_page_introduces_itself_to_other_sites(client: FlaskClient) -> None:
    html = page(client.get("/model", base_url="https://faces.example").text)
    told = {
        meta.attrs["property"]: meta.attrs["content"]
        for meta in html.query("meta")
        if "property" in meta.attrs
    }
    assert told["og:title"] == "The model"
    assert told["og:url"] == "https://faces.example/model"
    assert told["og:description"] == html.query("meta[name=description]")[0].attrs["content"]
    address = told["og:image"]
    assert address.startswith("https://faces.example/static/card.jpg")
    picture = client.get(address.removeprefix("https://faces.example"), buffered=True)
    assert picture.mimetype == "image/jpeg"
    assert len(picture.data) < 100_000


@pytest.mark.parametrize("address", ["/", "/privacy", "/nothing-here"])
def test_frame(client: FlaskClient, address: str) -> None:
    html = page(client.get(address).text)
    assert html.query("html")[0].attrs["lang"] == "en"
    assert html.query("body a")[0].attrs["href"] == "#main"
    assert html.query("main")[0].attrs["id"] == "main"
    assert len(html.query("meta[name=theme-color]")) == 2
    assert [link.attrs["href"] for link in html.query("footer a")] == ["/privacy", "/responsible-use"]


def test_one_font_of_our_own_loaded_once(client: FlaskClient) -> None:
    folder = SCRIPTS.parent / "vendor" / "bricolage-grotesque"
    font = folder / "bricolage-grotesque.woff2"
    assert font.stat().st_size <= 45 * 1024
    assert "SIL OPEN FONT LICENSE" in (folder / "LICENSE.txt").read_text()
    (preload,) = page(client.get("/").text).query("link[rel=preload]")
    named = re.findall(r'url\("\.\.(/vendor/[^"]+)"\)', (SCRIPTS.parent / "css" / "site.css").read_text())
    # Another address would be loaded a second time, and without the hash not be kept by browsers.
    assert ["/static" + address for address in named] == [preload.attrs["href"]]
    answer = client.get(preload.attrs["href"], buffered=True)
    assert answer.mimetype == "font/woff2"
    assert answer.cache_control.immutable
    assert "font-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_style_sheet_stays_short() -> None:
    for sheet in (SCRIPTS.parent / "css").glob("*.css"):
        assert len(sheet.read_text().splitlines()) <= 300, sheet.name
