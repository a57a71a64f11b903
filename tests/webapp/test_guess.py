"""Guess first: a guess, then ten people, then the model; without scripts, and nothing is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.webapp.test_pages import assert_sound, parse
from webapp.blueprints import guess
from webapp.blueprints.guess import GUESSABLE
from webapp.samples import SAMPLES

if TYPE_CHECKING:
    from tests.conftest import MakeApp


def post(client: FlaskClient, token: str, name: str, said: str) -> TestResponse:
    return client.post(f"/guess/{name}", data={"csrf_token": token, "guess": said})


def test_every_sample_with_one_face_can_be_guessed(client: FlaskClient) -> None:
    assert client.get("/guess").location == "/guess/portrait"
    for sample in GUESSABLE:
        answer = client.get(f"/guess/{sample.name}")
        assert_sound(answer.text)
        buttons = parse(answer.text).query("button[name=guess]")
        assert len(buttons) == 7
        assert "Looks" not in answer.text, "nothing is given away"


def test_the_guess_is_set_beside_ten_people_and_the_model(
    client: FlaskClient, csrf_token: str, app: Flask
) -> None:
    answer = post(client, csrf_token, "portrait", "sad")
    assert answer.status_code == 200
    assert_sound(answer.text)
    headings = [heading.to_text() for heading in parse(answer.text).query(".guess-steps h2")]
    assert headings[0] == "Your guess"
    assert headings[-1] == "The model"
    assert "Sad." in answer.text
    assert "Looks happy." in answer.text
    if app.extensions["models"].default.metadata.target == "people_votes":
        assert headings[1].startswith("Ten people")
        assert "None of the ten would say sad" in answer.text
        assert "Most of them would say the same" in post(client, csrf_token, "portrait", "happy").text


def test_the_one_that_it_gets_wrong_says_so(client: FlaskClient, csrf_token: str) -> None:
    (wrong,) = (sample for sample in SAMPLES if sample.wrong)
    text = post(client, csrf_token, wrong.name, "neutral").text
    assert "The model is wrong here" in text
    assert "wrong here" not in post(client, csrf_token, "calm", "neutral").text


@pytest.mark.parametrize("said", ["", "grumpy", "x" * 5000])
def test_what_is_no_expression_is_asked_again(client: FlaskClient, csrf_token: str, said: str) -> None:
    answer = post(client, csrf_token, "portrait", said)
    assert answer.status_code == 400
    assert "none of the expressions" in answer.text
    assert "grumpy" not in answer.text


@pytest.mark.parametrize("name", ["several", "nobody", "astronaut.jpg", "..%2f..%2fwsgi.py"])
def test_others_are_not_there(client: FlaskClient, name: str) -> None:
    assert client.get(f"/guess/{name}").status_code == 404


def test_a_sample_is_read_once_and_counts_once(make_app: MakeApp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guess, "_read", WeakKeyDictionary())
    app = make_app(rate_limit="2 per hour")
    client = app.test_client()
    page = client.get("/guess/calm")
    token = parse(page.text).query("input[name=csrf_token]")[0].attrs["value"]
    assert [post(client, token, "calm", "sad").status_code for _ in range(4)] == [200] * 4
    assert post(client, token, "portrait", "sad").status_code == 200
    assert post(client, token, "dim", "sad").status_code == 429
