"""The page about responsible use says what docs/responsible-use.md says, and names whoever runs the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML

from model.cli.options import make_parser
from webapp.settings import Settings, SettingsError

if TYPE_CHECKING:
    from tests.conftest import MakeApp

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/responsible-use.md"


def page(html: str) -> JustHTML:
    return JustHTML(html, strict=True, sanitize=False)


def sentences(text: str) -> list[str]:
    """The paragraphs, headings and list items of a Markdown file as plain text."""
    plain = re.sub(r"\[([^\]]+)\]\([^)]+\)", r"\1", text)
    return [re.sub(r"^(#+|-) ", "", line) for line in plain.splitlines() if line.strip()]


def test_the_page_has_the_documents_words(client: FlaskClient) -> None:
    shown = [
        "".join(part.to_text().split())
        for part in page(client.get("/responsible-use").text).query("main h1, main h2, main p, main li")
    ]
    assert shown == ["".join(line.split()) for line in sentences(DOCUMENT.read_text(encoding="utf-8"))]


def test_the_law_is_named_with_its_articles_and_dates() -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    for needed in (
        "Article 5(1)(f)",
        "2 February 2025",
        "Article 50(3)",
        "2 August 2026",
        "not legal advice",
    ):
        assert needed in text


def test_whoever_runs_the_site_is_named_on_every_page(make_app: MakeApp) -> None:
    client = make_app(testing=True, operator="Ada <Lovelace>, ada@example.org").test_client()
    for address in ("/", "/privacy", "/nothing-here"):
        footer = page(client.get(address).text).query("footer")[0]
        assert "Run by Ada <Lovelace>, ada@example.org" in footer.to_text()
    assert "This site is run by: Ada" in client.get("/privacy").text


def test_without_a_name_the_privacy_page_says_so(client: FlaskClient) -> None:
    assert "This site is run by: not set." in client.get("/privacy").text
    assert "Run by" not in client.get("/").text


@pytest.mark.parametrize("text", ["x" * 201, "Ada\nLovelace"])
def test_a_name_that_is_no_line_stops_the_start(text: str) -> None:
    with pytest.raises(SettingsError, match=r"OPERATOR.*must be one line of up to 200 characters"):
        Settings.from_environ({"SECRET_KEY": "k" * 32, "OPERATOR": text})


def test_the_api_and_the_command_line_lead_to_it(
    client: FlaskClient, capsys: pytest.CaptureFixture[str]
) -> None:
    document = client.get("/api/v1/openapi.json").get_json()
    assert document["externalDocs"]["url"] == document["info"]["termsOfService"] == "/responsible-use"
    assert "pupils, students, staff or applicants" in document["info"]["description"]
    page = JustHTML(client.get("/api").text, sanitize=False)
    assert "/responsible-use" in [link.attrs["href"] for link in page.query("main a")]
    with pytest.raises(SystemExit):
        make_parser().parse_args(["--help"])
    assert "docs/responsible-use.md" in capsys.readouterr().out
