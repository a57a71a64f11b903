"""Faults inside the site: the model's files, and the model."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from flask.testing import FlaskClient

from model import Recognizer
from model.recognizer import DEFAULT_MODEL
from model.store.files import SavedModelError
from tests.conftest import ROOT
from tests.helpers.server import free_port
from webapp.blueprints import health

if TYPE_CHECKING:
    from tests.conftest import MakeApp

MODEL = DEFAULT_MODEL


# --- the model's files -------------------------------------------------------------------------------------


def alter(path: Path) -> None:
    """Change one bit in the middle of a file."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def of_another_version(path: Path) -> None:
    metadata = json.loads(path.read_text())
    path.write_text(json.dumps(metadata | {"schema_version": metadata["schema_version"] + 1}))


FAULTS: dict[str, tuple[str, Callable[[Path], None], type[Exception], str]] = {
    "no network": (f"{MODEL}/model.onnx", Path.unlink, SavedModelError, "model.onnx cannot be read"),
    "network cut off": (f"{MODEL}/model.onnx", cut, SavedModelError, "sha256 differs"),
    "one bit of the network": (f"{MODEL}/model.onnx", alter, SavedModelError, "sha256 differs"),
    "no description": (f"{MODEL}/metadata.json", Path.unlink, SavedModelError, "metadata.json is missing"),
    "description cut off": (f"{MODEL}/metadata.json", cut, SavedModelError, "metadata.json cannot be read"),
    "description of another version": (
        f"{MODEL}/metadata.json",
        of_another_version,
        SavedModelError,
        "newer schema version",
    ),
    "no detector": ("mtcnn/rnet.onnx", Path.unlink, SavedModelError, "rnet.onnx"),
    "one bit of the detector": ("mtcnn/pnet.onnx", alter, SavedModelError, "pnet.onnx"),
}


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A copy of the saved models that may be damaged."""
    for name in (MODEL, "mtcnn"):
        shutil.copytree(
            ROOT / "model" / "saved" / name, tmp_path / name, ignore=shutil.ignore_patterns("*.keras")
        )
    return tmp_path


@pytest.mark.parametrize("fault", FAULTS)
def test_a_damaged_model_is_not_loaded(saved: Path, fault: str) -> None:
    name, damage, kind, words = FAULTS[fault]
    Recognizer.load(MODEL, root=saved, threads=1)
    damage(saved / name)
    with pytest.raises(kind) as refusal:
        Recognizer.load(MODEL, root=saved, threads=1)
    assert words in str(refusal.value)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["one bit of the network", "description of another version"])
def test_the_server_does_not_start_with_a_damaged_model(tmp_path: Path, fault: str) -> None:
    """It ends instead of answering with errors, and its log says why in one sentence."""
    name, damage, _, words = FAULTS[fault]
    copy = tmp_path / "site"
    shutil.copytree(
        ROOT / "model", copy / "model", ignore=shutil.ignore_patterns("*.keras", "__pycache__", "*.jpg")
    )
    for part in (
        "webapp",
        "templates",
        "static",
        "plots",
        "wsgi.py",
        "gunicorn.conf.py",
        "gunicorn_worker.py",
    ):
        (copy / part).symlink_to(ROOT / part)
    damage(copy / "model" / "saved" / name)
    ended = subprocess.run(
        [sys.executable, "-m", "gunicorn", "wsgi:app"],
        cwd=copy,
        env={**os.environ, "HOST": "127.0.0.1", "PORT": str(free_port()), "SECRET_KEY": "only-for-the-tests"},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode != 0
    assert words in ended.stderr + ended.stdout


# --- readiness ---------------------------------------------------------------------------------------------


def raising(recognizer: Recognizer, photo: bytes) -> None:
    raise RuntimeError("the session is gone, says /secret/path")


def test_ready_means_that_a_face_is_read(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready"})


def test_who_asks_often_whether_it_is_ready_makes_no_work(
    make_app: MakeApp, recognizer: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, asked = make_app().test_client(), []
    analyze = Recognizer.analyze
    monkeypatch.setattr(Recognizer, "analyze", lambda *given: asked.append(1) or analyze(*given))
    for _ in range(50):
        assert client.get("/readyz").status_code == 200
    assert 1 <= len(asked) <= health.AT_ONCE + 1


def test_ready_stays_ready_while_the_site_is_busy(make_app: MakeApp) -> None:
    app = make_app(max_concurrent=1, queue_timeout=0)
    client = app.test_client()
    assert client.get("/readyz").status_code == 200
    app.extensions["inference_semaphore"].acquire()
    assert client.get("/readyz").status_code == 200
    app.extensions["readiness"].at -= 2 * health.BUSY_FOR
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["reason"]) == (503, "Too many photos wait for their turn.")


def test_not_ready_says_why(
    client: FlaskClient,
    recognizer: Recognizer,
    empty_png: bytes,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In words for the platform; what was raised stays in the log."""
    blind = recognizer.analyze(empty_png)
    for analyze, reason in (
        (raising, "does not answer"),
        (lambda recognizer, photo: blind, "does not find the face"),
    ):
        monkeypatch.setattr(Recognizer, "analyze", analyze)
        said = client.get("/readyz")
        assert said.status_code == 503
        assert said.json["status"] == "unavailable"
        assert reason in said.json["reason"]
        assert "secret" not in said.text
    assert "the session is gone" in caplog.text
