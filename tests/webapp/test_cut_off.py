"""A body that is cut on its way is called that, and not a form without a photo."""

from __future__ import annotations

import io

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import encode_form


def send(
    client: FlaskClient, address: str, photo: bytes, token: str, share: float, ends: bool
) -> TestResponse:
    """Post a form of which only a share arrives; ``ends`` is whether the server ends the body, as gunicorn does."""
    fields = {"csrf_token": token} if token else {}
    body, content_type = encode_form(fields, [(photo, "a.jpg")])
    return client.post(
        address,
        input_stream=io.BytesIO(body[: int(share * len(body))]),
        content_type=content_type,
        # The client would write the length of what there is.
        environ_overrides={"CONTENT_LENGTH": str(len(body))}
        | ({"wsgi.input_terminated": True} if ends else {}),
    )


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.9999])
def test_a_program_is_told(client: FlaskClient, portrait_jpeg: bytes, share: float, ends: bool) -> None:
    answer = send(client, "/api/v1/analyze", portrait_jpeg, "", share, ends)
    assert answer.status_code == 400
    assert answer.json["type"] == "/api#cut-off"
    assert "ended before" in answer.json["detail"]


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("share", [0.001, 0.5, 0.9999])
@pytest.mark.parametrize("address", ["/results", "/compare"])
def test_a_person_is_told(
    client: FlaskClient, csrf_token: str, portrait_jpeg: bytes, address: str, share: float, ends: bool
) -> None:
    answer = send(client, address, portrait_jpeg, csrf_token, share, ends)
    assert answer.status_code == 400
    assert "The upload was cut off" in answer.text


def test_a_whole_body_is_read(client: FlaskClient, csrf_token: str, portrait_jpeg: bytes) -> None:
    assert send(client, "/results", portrait_jpeg, csrf_token, 1.0, ends=True).status_code == 200
