"""The pages that read in the browser: their policy, what they carry, and what a device may keep of them."""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import DictLoader
from justhtml import JustHTML

from model.recognizer import DEFAULT_MODEL
from webapp.blueprints.in_browser import PAGES
from webapp.presenters.in_browser import kit as kits
from webapp.presenters.in_browser.templates import ship

if TYPE_CHECKING:
    from tests.conftest import MakeApp

ADDRESSES = [f"/{name}" for name in PAGES]


@pytest.fixture
def kit(client: FlaskClient) -> dict[str, Any]:
    """What the page is given for its cards."""
    address = JustHTML(client.get("/private").text, sanitize=False).query("[data-app]")[0].attrs["data-kit"]
    answer = client.get(address)
    assert "immutable" in answer.headers["Cache-Control"]
    given: dict[str, Any] = json.loads(answer.text)
    return given


@pytest.mark.parametrize("address", ADDRESSES)
def test_nothing_can_be_sent_from_the_pages(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    policy = answer.headers["Content-Security-Policy"].split("; ")
    for part in (
        "default-src 'none'",
        "form-action 'none'",
        "manifest-src 'self'",
        "media-src blob:",
        "worker-src 'self'",
    ):
        assert part in policy
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    page = JustHTML(answer.text, sanitize=False)
    assert page.query("form") == []
    assert "csrf" not in answer.text
    assert "Set-Cookie" not in answer.headers
    for field in page.query("input, select, textarea"):
        assert "name" not in field.attrs


@pytest.mark.parametrize("address", ADDRESSES)
def test_without_scripts_the_way_is_named(client: FlaskClient, address: str) -> None:
    page = JustHTML(client.get(address).text, sanitize=False, scripting_enabled=False)
    (notice,) = page.query("noscript")
    assert "needs JavaScript" in notice.to_text()
    assert [link.attrs["href"] for link in notice.query("a")] == ["/"]
    assert "hidden" in page.query("[data-app]")[0].attrs


def test_the_kit_has_every_sentence_from_the_presenters(kit: dict[str, Any]) -> None:
    words = kit["words"]
    assert words["titles"][:3] == ["No face found", "One face found", "Two faces found"]
    assert len(words["summaries"]) == kits.ASKED_FOR + 1
    assert all(len(row) == count + 1 for count, row in enumerate(words["summaries"]))
    for pattern, slots in (
        (words["title"], {"count"}),
        (words["left_out"], {"kept"}),
        (words["smallest"], {"smallest"}),
        (words["too_long"], {"looks"}),
        (words["stages"]["crop"]["note"], {"size"}),
        (words["stages"]["aligned"]["note"], {"degrees", "side"}),
    ):
        assert set(re.findall(r"\{(\w+)\}", pattern)) == slots, pattern
    assert not re.search(
        r"9[78]|8[79]", json.dumps([words["title"], words["summary"], words["left_out"], words["smallest"]])
    )
    assert all(len(said) == 2 for said in words["tried"].values())


def test_browsers_read_with_the_same_model_whatever_the_site_offers_first(make_app: MakeApp) -> None:
    kit = {}
    for name in (DEFAULT_MODEL, "attention_cnn"):
        client = make_app(testing=True, model=name).test_client()
        app = JustHTML(client.get("/private").text, sanitize=False).query("[data-app]")[0]
        kit[name] = client.get(app.attrs["data-kit"]).json["model"]
        assert kit[name]["name"] == client.get(app.attrs["data-files"]).json["classifier_metadata"]["name"]
    assert kit[DEFAULT_MODEL] == kit["attention_cnn"]


def test_the_round_of_ten_asks_for_what_the_model_finds() -> None:
    report = {
        "real_photos": {"recall": {"happy": {"value": 0.88}, "sad": {"value": 0.57}, "angry": {"value": 0.7}}}
    }
    assert kits.round_of_ten(report, ("angry", "happy", "neutral", "sad")) == ["angry", "happy"]
    assert kits.round_of_ten(None, ("angry",)) == []


def test_another_kit_is_not_there(client: FlaskClient) -> None:
    assert client.get("/browser/kit-000000000000.json").status_code == 404
    assert client.get("/browser/files-000000000000.json").status_code == 404


def test_what_cannot_be_written_for_the_browser_is_named(app: Flask) -> None:
    environment = app.jinja_env.overlay(loader=None)
    with pytest.raises(ValueError, match="no loader"):
        ship(environment, ["x"], lambda: "")
    for tag, kind in (("extends 'y'", "Extends"), ("include name", "Include")):
        environment = app.jinja_env.overlay(loader=DictLoader({"x": f"\n{{% {tag} %}}"}))
        with pytest.raises(TypeError, match=f"line 2: {kind} is not written for the browser"):
            ship(environment, ["x"], lambda: "")


def test_a_device_keeps_the_pages_and_files_by_hash_only(client: FlaskClient) -> None:
    listed = client.get("/browser/offline.json").json
    addresses = [file["url"] for file in listed["files"]]
    assert addresses[: len(PAGES)] == ADDRESSES
    named_by_content = re.compile(
        r"/static/.+\?v=[0-9a-f]{12}|/browser/(scripts/[0-9a-f]{12}/.+|files/[0-9a-f]{64}|(kit|files)-[0-9a-f]{12}\.json)"
    )
    assert [address for address in addresses[len(PAGES) :] if not named_by_content.fullmatch(address)] == []
    for file in listed["files"]:
        content = client.get(file["url"], buffered=True)
        assert content.status_code == 200, file["url"]
        assert sha256(content.data).hexdigest() == file["sha256"], file["url"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_all_that_a_page_loads_is_kept(client: FlaskClient, address: str) -> None:
    kept = {file["url"] for file in client.get("/browser/offline.json").json["files"]}
    page = JustHTML(client.get(address).text, sanitize=False)
    loaded = [
        element.attrs[name]
        for element in page.query("script, link, img, [data-address], [data-app]")
        for name in ("src", "href", "data-address", "data-kit", "data-files")
        if element.attrs.get(name, "").startswith("/") and element.attrs.get("rel") != "manifest"
    ]
    assert loaded
    assert [address for address in loaded if address not in kept] == []


def test_the_pages_can_be_installed(client: FlaskClient) -> None:
    manifest = client.get("/manifest.webmanifest")
    assert manifest.mimetype == "application/manifest+json"
    assert client.get(manifest.json["start_url"]).status_code == 200
    assert client.get(manifest.json["icons"][0]["src"], buffered=True).status_code == 200
    worker = client.get("/offline-worker.js", buffered=True)
    assert worker.mimetype == "text/javascript"
    assert "no-cache" in worker.headers["Cache-Control"]
