"""The Dockerfile copies all files that the site needs, and the site writes none into the image."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tests.helpers.server import serve

ROOT = Path(__file__).resolve().parent.parent
LEFT_OUT = ("model.keras", "weights.npz")


def copied() -> list[str]:
    """The files and folders that the Dockerfile copies out of the repository."""
    text = (ROOT / "Dockerfile").read_text()
    lines = re.findall(r"^COPY (?!--)(.+)$", text, flags=re.MULTILINE)
    return sorted({name.rstrip("/") for line in lines for name in line.split()[:-1]})


@pytest.fixture
def image(tmp_path: Path) -> Path:
    """A folder with what the image holds, and no right to write into it."""
    folder = tmp_path / "site"
    folder.mkdir()
    for name in copied():
        if (ROOT / name).is_dir():
            shutil.copytree(
                ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", *LEFT_OUT)
            )
        else:
            shutil.copy(ROOT / name, folder / name)
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    return folder


def test_dockerignore_lets_through_what_is_copied_and_leaves_out_what_serving_does_not_read() -> None:
    rules = (ROOT / ".dockerignore").read_text().split()
    assert rules.index("*") < min(rules.index(rule) for rule in rules if rule.startswith("!"))
    assert {rule.strip("!/") for rule in rules if rule.startswith("!")} == set(copied())
    assert {f"model/saved/*/{name}" for name in LEFT_OUT} <= set(rules)


def test_a_heroku_slug_has_all_that_the_image_has() -> None:
    ignored = (ROOT / ".slugignore").read_text().split()
    assert {f"*{Path(name).suffix}" for name in LEFT_OUT} <= set(ignored)
    folders = {rule.strip("/") for rule in ignored if rule.startswith("/")}
    assert all((ROOT / folder).is_dir() for folder in folders), "a rule that leaves nothing out"
    assert not folders & {*copied(), "Procfile", "app.json"}


@pytest.mark.slow
@pytest.mark.live
def test_the_image_serves_from_a_folder_that_cannot_be_written(image: Path, tmp_path: Path) -> None:
    before = sorted(image.rglob("*"))
    with serve(tmp_path, root=image, PYTHONDONTWRITEBYTECODE="1", HOME="/nonexistent") as server:
        for page in ("/", "/model", "/pipeline", "/api", "/privacy"):
            with urllib.request.urlopen(server.address + page, timeout=30) as answer:  # noqa: S310  # our own server
                assert answer.status == 200, page
        portrait = (image / "static/samples/astronaut.jpg").read_bytes()
        assert b'"emotion"' in post(server.address, portrait)
        assert list(server.temporary.iterdir()) == []
    assert sorted(image.rglob("*")) == before


def post(address: str, photo: bytes) -> bytes:
    body = (
        b'--x\r\nContent-Disposition: form-data; name="photo"; filename="a.jpg"\r\n\r\n'
        + photo
        + b"\r\n--x--\r\n"
    )
    request = urllib.request.Request(  # noqa: S310  # our own server
        address + "/api/v1/analyze", body, {"Content-Type": "multipart/form-data; boundary=x"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
        return bytes(answer.read())


def test_the_health_check_of_the_image_is_a_program_that_runs() -> None:
    command = re.search(r'HEALTHCHECK .*CMD \["python", "-c", "(.+)"\]', (ROOT / "Dockerfile").read_text())
    assert command
    done = subprocess.run(
        [sys.executable, "-c", command.group(1)],
        env={"PORT": "9"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Connection refused" in done.stderr, "nobody listens there, so it must say so"
