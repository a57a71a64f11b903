"""Send a case to the application and check the answer."""

from __future__ import annotations

import io
import json
import re
import time
from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.wrappers import Response

from tests.helpers.multipart import TOKEN, Case

FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
# A form that comes back says why beside its field; an error page has nothing but its heading and a paragraph.
REASON = re.compile(r'id="photo-error" role="alert">\s*<p><strong>Error:</strong> \S|<p class="lead">\S')
# Escaped it is harmless; like this a browser would run it.
MARKUP = re.compile(rb"<script>alert|<img src=x onerror")
# Their answers are for programs that know them.
WITHOUT_REASON = frozenset({"/readyz", "/metrics"})
NEVER = re.compile(rb"Traceback \(most recent|werkzeug\.|site-packages")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, how long it took, and what is wrong with it ("" if nothing)."""

    status: int
    milliseconds: float
    fault: str


class Visitor:
    """A browser with a session, made anew now and then so that none grows old."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._client: FlaskClient = app.test_client()
        found = FIELD.search(self._client.get("/").text)
        if found is None:
            raise ValueError("the start page has no CSRF token")
        self._token = found[1].encode()

    def send(self, case: Case) -> Answer:
        """Send the case and judge the answer."""
        client = self._client if case.session else self._app.test_client(use_cookies=False)
        body = case.body.replace(TOKEN, self._token)
        started = time.perf_counter()
        # As a stream: Werkzeug's client would put a large body into a temporary file, and there must be none.
        answer = client.open(
            case.address,
            method=case.method,
            input_stream=io.BytesIO(body),
            content_type=case.content_type,
            headers=[*case.headers],
            environ_overrides={} if case.length is None else {"CONTENT_LENGTH": case.length},
        )
        took = 1000 * (time.perf_counter() - started)
        fault = find_fault(case, answer)
        answer.close()
        return Answer(answer.status_code, took, fault)


def find_fault(case: Case, answer: Response) -> str:
    """Return what is wrong with an answer to this case, or ""."""
    status, content = answer.status_code, answer.data
    if status not in case.statuses:
        return f"status {status}, not {sorted(case.statuses)}"
    if "Content-Security-Policy" not in answer.headers or "X-Content-Type-Options" not in answer.headers:
        return "no security headers"
    if answer.mimetype == "text/html" and MARKUP.search(content):
        return "markup came back as markup"
    if NEVER.search(content):
        return "the page talks about its insides"
    if case.method == "HEAD":
        return "an answer to HEAD has a body" if content else ""
    if case.address in WITHOUT_REASON:
        return ""
    if (answer.mimetype or "").endswith("json") and case.address.startswith("/api/"):
        return _fault_of_json(status, content)
    if status >= 400 and not REASON.search(answer.get_data(as_text=True)):
        return "no reason in the page"
    return ""


def _fault_of_json(status: int, content: bytes) -> str:
    parsed = json.loads(content, parse_constant=lambda name: {"not JSON": name})
    if status >= 400 and not (parsed["status"] == status and parsed["title"] and parsed["detail"].strip()):
        return "no reason in the problem"
    return ""
