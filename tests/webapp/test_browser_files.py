"""/browser: networks by their sha256, scripts under one version, the worker's own policy, and nothing else."""

from __future__ import annotations

import gzip
import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from model.store.files import MODEL_FILE, SAVED, SavedModelError
from webapp.services import browser_files

FIRST_USE = ("wasm", "pnet", "rnet", "onet", "classifier", "maps")
ON_REQUEST = ("mesh",)
MOST_BYTES = 10_700_000
IMMUTABLE = {"public", "max-age=31536000", "immutable"}
IMPORT = re.compile(r'^(?:import|export) .*?from "([^"]+)";$|^} from "([^"]+)";$', re.MULTILINE)


@pytest.fixture
def manifest(client: FlaskClient) -> dict[str, Any]:
    answer = client.get("/browser/manifest.json")
    assert answer.headers["Cache-Control"] == "no-cache"
    assert isinstance(answer.json, dict)
    return answer.json


def directives(response: Any) -> set[str]:
    return {part.strip() for part in response.headers["Cache-Control"].split(",")}


def test_the_manifest_names_each_file_by_what_is_sent(client: FlaskClient, manifest: dict[str, Any]) -> None:
    assert set(manifest["files"]) == {*FIRST_USE, *ON_REQUEST, "classifier_live"}
    for name, file in manifest["files"].items():
        answer = client.get(file["url"])
        assert (answer.status_code, len(answer.data)) == (200, file["bytes"]), name
        assert hashlib.sha256(answer.data).hexdigest() == file["sha256"]
        assert file["sha256"] in file["url"]
        assert directives(answer) == IMMUTABLE
        assert "Content-Encoding" not in answer.headers
        gzip.decompress(answer.data)
    network = gzip.decompress(client.get(manifest["files"]["classifier"]["url"]).data)
    assert network == (SAVED / "attention_cnn_people" / MODEL_FILE).read_bytes()


def test_the_first_use_loads_what_was_promised(client: FlaskClient, manifest: dict[str, Any]) -> None:
    loaded = sum(manifest["files"][name]["bytes"] for name in FIRST_USE)
    reading = [name for name in manifest["scripts"] if name.startswith(("js/reading/", "vendor/"))]
    asked = {"Accept-Encoding": "gzip"}
    loaded += sum(len(client.get(manifest["scripts"][name]["url"], headers=asked).data) for name in reading)
    assert loaded <= MOST_BYTES


def test_only_the_workers_policy_allows_webassembly_and_it_has_no_connection(
    client: FlaskClient, manifest: dict[str, Any]
) -> None:
    assert manifest["worker"] == manifest["scripts"]["js/reading/worker.js"]["url"]
    policies = {
        name: client.get(script["url"]).headers["Content-Security-Policy"]
        for name, script in manifest["scripts"].items()
    }
    worker = policies.pop("js/reading/worker.js")
    assert worker == "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'"
    assert not [name for name, policy in policies.items() if "wasm" in policy]
    with client.get("/static/js/reading/worker.js") as plain:
        assert "wasm" not in plain.headers["Content-Security-Policy"]


def test_every_import_leads_to_a_script_of_the_same_version(
    client: FlaskClient, manifest: dict[str, Any]
) -> None:
    addresses = {script["url"] for script in manifest["scripts"].values()}
    followed = 0
    for name, script in manifest["scripts"].items():
        answer = client.get(script["url"])
        assert directives(answer) == IMMUTABLE
        assert answer.mimetype == "text/javascript"
        if name.startswith("vendor/"):
            continue
        for found in IMPORT.findall(answer.text):
            path = Path("/", *Path(script["url"]).parts[:-1], next(filter(None, found)))
            assert str(path.resolve()) in addresses, (name, found)
            followed += 1
    assert followed > 20


@pytest.mark.parametrize(
    "address",
    [
        "/browser/files/" + "0" * 64,
        "/browser/files/" + hashlib.sha256((SAVED / "deep" / MODEL_FILE).read_bytes()).hexdigest(),
        "/browser/files/manifest.json",
        "/browser/scripts/000000000000/js/reading/worker.js",
        "/browser/scripts/VERSION/css/site.css",
        "/browser/scripts/VERSION/../wsgi.py",
        "/browser/scripts/VERSION/js/reading/",
    ],
)
def test_nothing_else_is_handed_out(client: FlaskClient, manifest: dict[str, Any], address: str) -> None:
    assert client.get(address.replace("VERSION", manifest["version"])).status_code == 404


def test_a_changed_script_is_another_version(tmp_path: Path, app: Flask) -> None:
    static = Path(str(app.static_folder))
    for path in browser_files.MODULES:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes((static / path).read_bytes())
    script = tmp_path / "js" / "page.js"
    script.parent.mkdir()
    script.write_text("one", encoding="utf-8")
    before = browser_files.scripts(tmp_path)
    assert browser_files.scripts(tmp_path) is before, "hashed once"
    script.write_text("other", encoding="utf-8")
    assert browser_files.scripts(tmp_path).version != before.version


def test_a_model_that_is_read_otherwise_on_the_server_is_not_offered() -> None:
    assert browser_files.reading_metadata()["labels"][0] == "angry"
    with pytest.raises(SavedModelError, match="not read in the browser"):
        browser_files.reading_metadata("upper_face")
