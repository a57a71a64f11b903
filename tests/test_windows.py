"""Library, command line and site on a simulated Windows.

The platform's name is changed; the C library, and modules and functions that Windows lacks, are removed. A CI job runs
the library's tests on Windows.
"""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from model.cli import inputs, program
from model.output.stage_images import UniqueNames
from model.photo import sources
from model.photo.load import UnreadablePath, load_photo

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "static" / "samples" / "astronaut.jpg"

# The libraries come first, as they were installed for this system.
WINDOWS = """
import ctypes, os, sys
import cv2, flask, flask_wtf, limits, msgspec, numpy, onnxruntime, PIL.Image, prometheus_client, redis
import concurrent.futures.process, concurrent.futures.thread, multiprocessing.resource_tracker, tqdm
import glob, logging.config, mimetypes, pathlib, pythonjsonlogger.json

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name in {"fcntl", "grp", "pwd", "resource", "termios", "gunicorn"}:
            raise ModuleNotFoundError(f"No module named {name!r} on Windows")

def no_library(name=None, *arguments, **options):
    raise TypeError("argument of type 'NoneType' is not iterable")

sys.meta_path.insert(0, Missing())
for name in ("fcntl", "grp", "pwd", "resource", "termios"):
    sys.modules.pop(name, None)
for name in ("fork", "sysconf", "getuid", "geteuid", "getloadavg", "sched_getaffinity", "uname"):
    if hasattr(os, name):
        delattr(os, name)
ctypes.CDLL = no_library
sys.platform = "win32"
mimetypes.add_type("text/plain", ".js")  # As some editors leave the registry.
"""
SITE = """
from webapp import create_app
from webapp.settings import Settings

client = create_app(Settings(secret_key="for-tests", testing=True)).test_client()
assert client.get("/").status_code == 200
assert client.get("/static/js/upload.js").mimetype == "text/javascript"
with open(SAMPLE, "rb") as photo:
    answer = client.post("/api/v1/analyze", data={"photo": (photo, "photo.jpg")})
assert answer.status_code == 200, answer.text
print(answer.text)
"""
PROGRAM = """
from model import cli
sys.exit(cli.main(["--format", "csv", SAMPLE]))
"""


def simulated(program: str) -> subprocess.CompletedProcess[str]:
    code = f"{WINDOWS}\nSAMPLE = {str(SAMPLE)!r}\n{program}"
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, encoding="utf-8")


@pytest.mark.parametrize("program", [SITE, PROGRAM], ids=["site", "command line"])
def test_a_photo_is_read_without_what_windows_lacks(program: str) -> None:
    done = simulated(program)
    assert done.returncode == 0, done.stderr
    assert "happy" in done.stdout


def test_wildcards_are_expanded_where_the_shell_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("b.jpg", "a.jpg", "c.png", "[1].jpg"):
        (tmp_path / name).touch()
    given = [str(tmp_path / name) for name in ("?.jpg", "[1].jpg", "nothing*.jpg")]
    assert inputs.expanded(given) == given
    monkeypatch.setattr(sys, "platform", "win32")
    names = [Path(path).name for path in inputs.expanded([*given, "-"])]
    assert names == ["a.jpg", "b.jpg", "[1].jpg", "nothing*.jpg", "-"]


def test_a_closed_pipe_is_told_from_a_full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    closed, full = OSError(errno.EINVAL, "Invalid argument"), OSError(errno.ENOSPC, "No space left")
    assert not program._pipe_is_closed(closed)
    monkeypatch.setattr(sys, "platform", "win32")
    assert program._pipe_is_closed(closed)
    assert not program._pipe_is_closed(full)


def test_a_folder_that_may_not_be_opened_is_still_called_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(sources, "open", refuse, raising=False)
    with pytest.raises(UnreadablePath, match="is a folder"):
        load_photo(tmp_path)
    with pytest.raises(UnreadablePath, match="may not be read"):
        load_photo(tmp_path / "photo.jpg")


@pytest.mark.parametrize(
    ("name", "folder"),
    [("con.jpg", "_con"), ("Aux.jpg", "_Aux"), ("lpt1.x.png", "_lpt1.x"), ("cone.jpg", "cone")],
)
def test_no_folder_is_called_like_a_device(name: str, folder: str) -> None:
    assert UniqueNames().of(name, "") == folder
