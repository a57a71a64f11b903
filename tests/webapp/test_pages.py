"""Every page is valid HTML with one heading, a title and unique ids, and loads nothing from other hosts."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient
from justhtml import JustHTML
from werkzeug.exceptions import TooManyRequests

from model.recognizer import DEFAULT_MODEL, Recognizer
from model.store.files import SAVED, saved_models
from model.store.reports import load_report
from webapp.presenters import model_card

if TYPE_CHECKING:
    from tests.conftest import MakeApp, Upload


def parse(html: str) -> JustHTML:
    """Parse as a browser would; any parse error fails the test."""
    return JustHTML(html, strict=True, sanitize=False)


def assert_sound(html: str) -> None:
    page = parse(html)
    titles = [title.to_text() for title in page.query("title")]
    assert len(titles) == 1
    assert titles[0].strip()
    assert len(page.query("h1")) == 1
    ids = Counter(element.attrs["id"] for element in page.query("[id]"))
    assert [name for name, count in ids.items() if count > 1] == []
    for element in page.query("*"):
        attributes = element.attrs
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")], "inline scripts are not allowed"
        for name in ("aria-labelledby", "aria-describedby", "for"):
            for target in (attributes.get(name) or "").split():
                assert target in ids, f"{name} points to {target}, which is not there"
        if element.name == "img":
            # Empty only where the words beside it say the same, as on a button or in a link.
            assert "alt" in attributes
            assert attributes["alt"] or element.parent.name in ("button", "a")
        if element.name in ("img", "script", "link", "form"):
            address = attributes.get("src") or attributes.get("href") or attributes.get("action") or ""
            assert address.startswith(("/", "data:image/"))
            assert not address.startswith("//")
    assert page.query("script:not([src])") == []
    assert page.query("style") == []


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/private",
        "/live",
        "/video",
        "/pipeline",
        "/guess/portrait",
        "/model",
        "/api",
        "/privacy",
        "/responsible-use",
        "/nothing-here",
    ],
)
def test_page_is_sound(client: FlaskClient, address: str) -> None:
    assert_sound(client.get(address).text)


def test_results_are_sound(upload: Upload, portrait_jpeg: bytes, empty_png: bytes) -> None:
    assert_sound(upload(portrait_jpeg).text)
    assert_sound(upload(empty_png).text)


def test_form_with_an_error_is_sound(upload: Upload) -> None:
    assert_sound(upload(b"no photo").text)


def test_start_page_says_what_is_accepted_and_what_is_not_meant(client: FlaskClient) -> None:
    text = client.get("/").text
    for words in (
        "JPEG, PNG, WebP, HEIC, AVIF, GIF or BMP",
        "8 MB",
        "in memory",
        "not kept",
        "not an inner feeling",
        "who agree",
    ):
        assert words in text


def test_pipeline_shows_every_stage_of_a_real_example(client: FlaskClient, app: Flask) -> None:
    metadata = app.extensions["models"].default.metadata
    several = ["vary"] if metadata.tta_flip or len(metadata.tta_zooms) > 1 else []
    page = parse(client.get("/pipeline").text)
    before = ["open", "find", "cut", "align", "shrink", "filters", "block-1", "block-2", "weigh", "block-3"]
    steps = [*before, "block-4", *several, "decide", "why"]
    assert [heading.attrs["id"] for heading in page.query(".step")] == steps
    assert [link.attrs["href"] for link in page.query(".glance a")] == [f"#{step}" for step in steps]
    # Photo, box, crop, aligned; both sides of the curtain; filters; two of each block; attention; seven maps.
    assert len(page.query(".step img")) == 4 + 2 + 1 + 8 + 1 + 7 + len(several)
    for step in page.query("#vary"):
        assert ("its mirror image too" in step.to_text()) is metadata.tta_flip
    assert len(page.query(".step .chart .bar")) == 7
    assert "no explanation of the decision" in page.query("#weigh")[0].to_text()


def test_the_example_is_analysed_only_once(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make_app(testing=True).test_client()
    first = client.get("/pipeline").text
    monkeypatch.setattr(Recognizer, "analyze", lambda *given: pytest.fail("analysed again"))
    assert client.get("/pipeline").text == first


def test_model_card_is_read_from_the_metadata_and_the_report(client: FlaskClient, app: Flask) -> None:
    metadata = app.extensions["models"].default.metadata
    text = client.get("/model").text
    assert metadata.version in text
    for label in metadata.labels:
        assert label in text
    report = load_report(SAVED / metadata.name, metadata)
    assert report is not None
    measured = report["truths"][metadata.label_source]
    for split in [split for split in model_card.SPLITS if split in measured]:
        accuracy = measured[split]["accuracy"]
        assert f"{100 * accuracy:.1f}" in text


def test_only_known_plots_are_given_out(client: FlaskClient, app: Flask) -> None:
    plots = app.extensions["settings"].plots / DEFAULT_MODEL
    for name in model_card.PLOTS:
        expected = 200 if (plots / name).is_file() else 404
        assert client.get(f"/model/{DEFAULT_MODEL}/plots/{name}", buffered=True).status_code == expected
    for name in ("README.md", "..%2frequirements.txt", "%2e%2e/wsgi.py", ".gitkeep"):
        assert client.get(f"/model/{DEFAULT_MODEL}/plots/{name}", buffered=True).status_code == 404
    assert client.get("/model/mtcnn/plots/reliability.png").status_code == 404


def test_the_model_card_links_to_a_plot_as_soon_as_it_is_there(app: Flask) -> None:
    metadata = app.extensions["models"].default.metadata
    card = model_card.present(metadata, ["training_loss.png", "secret.png"])
    assert card.plots == ("training_loss.png",)
    assert (card.figures, card.training, card.confusion, card.headline) == ((), (), None, None)


def test_the_model_page_begins_with_one_number_one_map_and_one_plot(client: FlaskClient, app: Flask) -> None:
    metadata = app.extensions["models"].default.metadata
    report = load_report(SAVED / metadata.name, metadata)
    assert report is not None
    page = parse(client.get("/model").text)
    (number,) = page.query(".big-number")
    share = report["real_photos"]["accuracy"]["value"]
    assert f"{round(10 * share)} in 10" in number.to_text()
    assert f"{share:.0%}".replace("%", "\N{NO-BREAK SPACE}%") in number.to_text()
    matrix = report["truths"][metadata.label_source]["PrivateTest"]["confusion_matrix"]
    shown = [cell.to_text().strip() for cell in page.query(".confusion td.right")]
    assert shown == [f"{100 * row[place] / sum(row):.0f}" for place, row in enumerate(matrix)]
    bins = report["truths"][metadata.label_source]["PrivateTest"]["reliability"]
    assert len(page.query("main > .two-charts circle")) == len([each for each in bins if each["images"]])
    # The rest is there, folded.
    assert len(page.query("details.more .data")) == len(page.query(".data")) >= 8


def test_a_model_page_has_its_name_its_folder_and_its_place(client: FlaskClient) -> None:
    page = parse(client.get("/model/attention_cnn").text)
    assert page.query("h1")[0].to_text().strip() == "One label"
    assert page.query("title")[0].to_text().startswith("One label, a model")
    assert "model/saved/attention_cnn" in [code.to_text() for code in page.query(".facts code")]
    assert [link.attrs["href"] for link in page.query(".crumbs a")] == ["/model"]
    (current,) = page.query("body > header [aria-current]")
    assert current.attrs["href"] == "/model"
    # In the comparison the models have the names that lists give them.
    named = {link.attrs["href"]: link.to_text() for link in page.query(".data a")}
    assert named["/model/upper_face"] == "Eyes only"
    assert len(page.query("details .plot .training")) == 4, "two charts, each with a line and its key"


def test_the_model_card_gives_intervals_and_says_what_is_prohibited(client: FlaskClient, app: Flask) -> None:
    metadata = app.extensions["models"].default.metadata
    report = load_report(SAVED / metadata.name, metadata)
    assert report is not None
    text = client.get("/model").text
    low, high = report["truths"]["fer2013"]["PrivateTest"]["accuracy_interval"]
    assert f"({100 * low:.1f}–{100 * high:.1f})" in text
    assert "article 5(1)(f)" in text
    assert "article 50(3)" in text
    assert "more than five of them agreed" in text


def test_every_saved_model_has_a_card(client: FlaskClient) -> None:
    for name in saved_models():
        assert name in client.get(f"/model/{name}").text
    assert client.get("/model/mtcnn").status_code == 404


def test_a_report_of_another_network_is_not_shown(app: Flask, tmp_path: Path) -> None:
    metadata = app.extensions["models"].default.metadata
    report = load_report(SAVED / metadata.name, metadata)
    assert report is not None
    (tmp_path / "report.json").write_text(json.dumps(report | {"model": {"sha256": "0"}}))
    assert load_report(tmp_path, metadata) is None
    (tmp_path / "report.json").write_text("{")
    assert load_report(tmp_path, metadata) is None
    assert model_card.present(metadata, {}).tables == ()
    assert "(" in model_card.present(metadata, {}, report).tables[0].rows[0][2], "with intervals"


@pytest.mark.parametrize(
    ("method", "address", "status"), [("GET", "/nothing-here", 404), ("PUT", "/model", 405)]
)
def test_an_error_page_shows_what_the_machine_saw(
    client: FlaskClient, method: str, address: str, status: int
) -> None:
    answer = client.open(address, method=method)
    assert answer.status_code == status
    page = parse(answer.text)
    (scene,) = page.query(".problem .scene")
    assert scene.attrs["aria-hidden"] == "true"
    assert page.query(".problem h1")[0].to_text().strip()
    assert page.query(".problem .lead")[0].to_text().strip()


def test_first_view_stays_small(client: FlaskClient) -> None:
    html = client.get("/").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', html)
    assert len(addresses) >= 4
    total = len(html) + sum(len(client.get(address, buffered=True).data) for address in addresses)
    assert total <= 230_000
    browser = {"Accept-Encoding": "gzip"}
    carried = (len(client.get(at, headers=browser, buffered=True).data) for at in ["/", *addresses])
    assert sum(carried) <= 110_000


def test_static_files_are_kept_by_browsers_only_under_an_address_of_their_content(
    client: FlaskClient,
) -> None:
    address = re.findall(r'href="(/static/css/[^"]+)"', client.get("/").text)[0]
    assert "immutable" in client.get(address, buffered=True).headers["Cache-Control"]
    bare = address.partition("?")[0]
    for other in (bare, f"{bare}?v=", f"{bare}?v=1", f"{bare}?v=missing", f"{bare}?v={'0' * 12}"):
        assert "immutable" not in client.get(other, buffered=True).headers["Cache-Control"]


def test_favicon_is_svg(client: FlaskClient) -> None:
    assert client.get("/static/favicon.svg", buffered=True).mimetype == "image/svg+xml"


def test_health(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert ready.json == {"status": "ready"}


def test_not_ready_when_the_model_fails(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(recognizer: Recognizer, photo: bytes) -> None:
        raise RuntimeError("no memory")

    monkeypatch.setattr(Recognizer, "analyze", fail)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert "memory" not in answer.text
    assert client.get("/healthz").status_code == 200


@pytest.mark.parametrize("code", [400, 403, 415, 418, 429, 500, 501, 503])
def test_every_error_has_a_page(make_app: MakeApp, code: int) -> None:
    app = make_app()
    app.add_url_rule("/fail", view_func=lambda: abort(code))
    answer = app.test_client().get("/fail")
    assert answer.status_code == code
    assert f"Error {code}" in answer.text
    assert_sound(answer.text)


def test_an_unforeseen_error_shows_a_page_and_no_details(make_app: MakeApp) -> None:
    def view() -> str:
        raise RuntimeError("the secret of the house")

    app = make_app()
    app.add_url_rule("/fail", view_func=view)
    answer = app.test_client().get("/fail")
    assert answer.status_code == 500
    assert "Something broke" in answer.text
    assert "secret of the house" not in answer.text


def test_wrong_method_has_a_page_and_names_the_right_ones(client: FlaskClient) -> None:
    answer = client.post("/pipeline")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert "can’t be opened like that" in answer.text
    assert_sound(answer.text)


def test_too_many_requests_says_when_to_come_back(make_app: MakeApp) -> None:
    def view() -> str:
        raise TooManyRequests(retry_after=60)

    app = make_app()
    app.add_url_rule("/busy", view_func=view)
    answer = app.test_client().get("/busy")
    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "60"
    assert "short break" in answer.text


def test_every_table_has_a_head_for_each_of_its_columns(client: FlaskClient) -> None:
    tables = parse(client.get("/model").text).query("table.data")
    assert len(tables) >= 5
    for table in tables:
        heads = len(table.query("thead th"))
        assert {len(row.query("th")) + len(row.query("td")) for row in table.query("tbody tr")} == {heads}
        assert table.query("caption")[0].to_text().strip()
