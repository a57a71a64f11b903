"""webapp → model ← training: who may import whom."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
HEAVY = {"tensorflow", "keras", "mtcnn", "tf2onnx", "sklearn", "matplotlib"}
FORBIDDEN = {
    "model": HEAVY | {"flask", "flask_wtf", "werkzeug", "training", "webapp"},
    "webapp": HEAVY | {"training"},
    "training": {"webapp", "flask"},
}


def imported(path: Path) -> Iterator[str]:
    """The top-level names that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield node.module.partition(".")[0]


@pytest.mark.parametrize("package", FORBIDDEN)
def test_package_imports_only_what_it_may(package: str) -> None:
    files = sorted((ROOT / package).rglob("*.py"))
    assert files
    wrong = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in files
        if (bad := set(imported(path)) & FORBIDDEN[package])
    }
    assert wrong == {}


def test_serving_requirements_are_free_of_training() -> None:
    names = {
        line.partition("==")[0].strip().lower()
        for line in (ROOT / "requirements.txt").read_text().splitlines()
    }
    assert "onnxruntime" in names
    assert not names & {"tensorflow", "tensorflow-cpu", "keras", "mtcnn"}
