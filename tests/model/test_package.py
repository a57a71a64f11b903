"""What ``pip install .`` gives: the import ``facevalue``, the command, the saved models, and nothing of the site."""

from __future__ import annotations

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from model import __version__
from model.store.files import saved_models

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "static" / "samples" / "astronaut.jpg"
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
DISTRIBUTIONS = {  # Imported by another name.
    "cv2": "opencv-python-headless<5",
    "PIL": "pillow",
    "pi_heif": "pi-heif",
}
LATE = {"pi-heif"}  # Required, and imported with the first photo of its kind.
MAX_BYTES = 60_000_000
NO_INDEX = (
    "Could not find a version that satisfies",
    "No matching distribution found",
    "NewConnectionError",
    "ConnectTimeout",
    "Could not fetch URL",
)


def test_every_folder_with_code_is_listed() -> None:
    folders = {path.parent.relative_to(ROOT / "model") for path in (ROOT / "model").rglob("__init__.py")}
    names = {".".join(("facevalue", *folder.parts)) for folder in folders}
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == names


def test_the_library_requires_what_it_imports() -> None:
    always: set[str] = set()
    when_asked: set[str] = set()
    for path in (ROOT / "model").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                imported = {name.name.split(".")[0] for name in node.names}
            elif isinstance(node, ast.ImportFrom) and not node.level:
                # Absolute imports of "model" would fail where the package is called "facevalue".
                assert node.module is None or node.module.split(".")[0] != "model", path
                imported = {str(node.module).split(".")[0]}
            else:
                continue
            (always if node in tree.body else when_asked).update(imported)
    foreign = {DISTRIBUTIONS.get(name, name) for name in always - sys.stdlib_module_names}
    assert foreign | LATE == set(PROJECT["project"]["dependencies"])
    extras = {name for names in PROJECT["project"]["optional-dependencies"].values() for name in names}
    optional = {DISTRIBUTIONS.get(name, name) for name in when_asked - sys.stdlib_module_names}
    assert optional - foreign == extras | LATE


@pytest.mark.parametrize(
    ("group", "file"),
    [("site", "requirements.txt"), ("train", "requirements-train.txt"), ("dev", "requirements-dev.txt")],
)
def test_what_a_group_names_is_pinned(group: str, file: str) -> None:
    pins = re.findall(r"^([\w.-]+)(?:\[\w,]+\])?==", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    pinned = {name.lower() for name in pins}
    entries = (entry for entry in PROJECT["dependency-groups"][group] if isinstance(entry, str))
    # Another system's TensorFlow is not pinned for this one.
    named = {re.split(r"[<=;\[ ]", entry)[0].lower() for entry in entries if "!= " not in entry}
    assert named <= pinned


def test_a_clone_serves_what_the_library_requires() -> None:
    assert set(PROJECT["project"]["dependencies"]) <= set(PROJECT["dependency-groups"]["site"])


@dataclass(frozen=True, slots=True)
class Installed:
    """The wheel, and an environment with nothing but it and what it requires."""

    wheel: Path
    programs: Path  # The environment's folder of programs.

    def run(self, program: str, *arguments: str | Path, folder: Path) -> str:
        """Run one of the environment's programs in ``folder`` and return what it prints."""
        command = [str(self.programs / program), *map(str, arguments)]
        done = subprocess.run(command, cwd=folder, env=outside(), capture_output=True, encoding="utf-8")
        assert done.returncode == 0, done.stderr
        return done.stdout


def outside() -> dict[str, str]:
    """Return an environment that does not lead back to the clone."""
    return {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}


def pip(programs: Path, *arguments: str | Path) -> None:
    """Run an environment's pip; skip the test where no package index can be reached."""
    command = [str(programs / "python"), "-m", "pip", "-q", "--disable-pip-version-check"]
    done = subprocess.run(
        [*command, *map(str, arguments)], env=outside(), capture_output=True, encoding="utf-8"
    )
    if done.returncode and any(words in done.stderr for words in NO_INDEX):
        pytest.skip(f"pip cannot get what it needs here: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """Build the wheel from a copy, so that the clone stays clean, and install it into a new environment."""
    folder = tmp_path_factory.mktemp("installed")
    copy = folder / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "*.keras")
    shutil.copytree(ROOT / "model", copy / "model", ignore=ignored)
    for path in (ROOT / "pyproject.toml", ROOT / "README.md", *ROOT.glob("LICENSE*")):
        shutil.copy(path, copy)
    venv.create(folder / "venv", with_pip=True)
    programs = folder / "venv" / ("Scripts" if sys.platform == "win32" else "bin")
    pip(programs, "wheel", "--no-deps", "-w", folder, copy)
    (wheel,) = folder.glob("facevalue-*.whl")
    shutil.rmtree(copy)
    pip(programs, "install", "--no-compile", wheel)
    return Installed(wheel, programs)


@pytest.mark.slow
def test_the_command_reads_a_photo_in_any_folder(installed: Installed, tmp_path: Path) -> None:
    shutil.copy(SAMPLE, tmp_path / "photo.jpg")
    (result,) = json.loads(installed.run("facevalue", "--format", "json", "photo.jpg", folder=tmp_path))
    (face,) = result["faces"]
    assert (face["emotion"], face["confident"]) == ("happy", True)
    assert "facevalue family.jpg" in installed.run("facevalue", "--help", folder=tmp_path)


@pytest.mark.slow
def test_the_library_works_with_every_model(installed: Installed, tmp_path: Path) -> None:
    program = (
        "import sys, facevalue\n"
        "from facevalue import ModelRegistry, Recognizer\n"
        "from facevalue.store.reports import load_report\n"
        "from facevalue.store.files import SAVED\n"
        f"face, = Recognizer.load().analyze({str(SAMPLE)!r}).faces\n"
        f"models = ModelRegistry.load(); analyses = models.compare({str(SAMPLE)!r})\n"
        "assert all(load_report(SAVED / name, models.metadata(name)) for name in models.names)\n"
        "print(facevalue.__version__, face.prediction.emotion, *sorted(a.model.name for a in analyses))\n"
        "assert not {'model', 'flask', 'tensorflow'} & set(sys.modules)\n"
    )
    printed = installed.run("python", "-c", program, folder=tmp_path).split()
    assert printed == [__version__, "happy", *saved_models()]


@pytest.mark.slow
def test_the_wheel_is_small_and_has_no_training_files(installed: Installed) -> None:
    with zipfile.ZipFile(installed.wheel) as wheel:
        names = set(wheel.namelist())
    assert {"facevalue/py.typed", "facevalue/saved/mtcnn/LICENSE"} <= names
    assert not [name for name in names if name.endswith((".keras", ".csv", "history.json", "framing.json"))]
    # It is the site that hands it out, to browsers.
    assert "facevalue/saved/attention_cnn_people/model.int8.onnx" not in names
    assert installed.wheel.stat().st_size <= MAX_BYTES
