"""The page about the JSON API; its examples work."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient
from justhtml import JustHTML
from werkzeug.serving import make_server

from model import Recognizer
from webapp.api.problems import KINDS

if TYPE_CHECKING:
    from tests.conftest import MakeApp


def test_the_page_names_every_problem_address_and_field(client: FlaskClient) -> None:
    document = client.get("/api/v1/openapi.json").json
    assert document is not None
    text = client.get("/api").text
    page = JustHTML(text, strict=True, sanitize=False)
    for slug in KINDS:
        assert page.query(f"#{slug}"), "an error's type leads nowhere"
    for path in document["paths"]:
        assert f"/api/v1{path}" in text
    for name in ("AnalysisDict", "FaceDict", "ModelDict", "ErrorDict", "ExplanationDict"):
        for field in document["components"]["schemas"][name]["properties"]:
            assert field in text


@pytest.fixture(scope="module")
def address(make_app: MakeApp) -> Iterator[str]:
    """The address of a site that really listens."""
    server = make_server("127.0.0.1", 0, make_app(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


COMMANDS = {
    "curl": ("bash", "example.sh", ("bash", "curl")),
    "several": ("bash", "example.sh", ("bash", "curl")),
    "explain": ("bash", "example.sh", ("bash", "curl")),
    "python": (sys.executable, "example.py", ()),
    "javascript": ("node", "example.mjs", ("node",)),
}


@pytest.mark.slow
@pytest.mark.parametrize("anchor", COMMANDS)
def test_the_examples_of_the_page_work(
    anchor: str,
    address: str,
    tmp_path: Path,
    portrait_jpeg: bytes,
    recognizer: Recognizer,
    client: FlaskClient,
) -> None:
    program, file, needed = COMMANDS[anchor]
    for name in needed:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed here")
    html = client.get("/api", base_url=address).text
    found = dict(re.findall(r'<h3 id="(\w+)">.*?<pre[^>]*><code>(.*?)</code>', html, flags=re.DOTALL))
    assert set(found) == set(COMMANDS)
    code = unescape(found[anchor]).strip() + "\n"
    (tmp_path / file).write_text(code, encoding="utf-8")
    (tmp_path / "family.jpg").write_bytes(portrait_jpeg)
    ran = subprocess.run(
        [program, file],
        cwd=tmp_path,
        env=os.environ | {"NO_PROXY": "*"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ran.returncode == 0, ran.stderr
    emotion = recognizer.analyze(portrait_jpeg).faces[0].prediction.emotion
    assert "family.jpg" in ran.stdout
    assert emotion in ran.stdout
