"""scripts/house.py: measures a small tree correctly, and this tree stays within the limits."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts import house, trace_photo

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A package of two files and a folder, with one circle."""
    files = {
        "model/__init__.py": "from model.top import go\n",
        "model/__main__.py": "from . import top\n",
        "model/top.py": "from typing import TYPE_CHECKING\nfrom model.low import a, b\n"
        "if TYPE_CHECKING:\n    from .low.a import x\n",
        "model/low/__init__.py": "",
        "model/low/a.py": "from .b import y\n",
        "model/low/b.py": "import numpy\nfrom ..low import a\ndef long():\n" + "    pass\n" * house.LONG,
        "training/__init__.py": "",
        "webapp/__init__.py": "",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def test_imports_are_followed_however_they_are_written(tree: Path) -> None:
    graph = house.imports(tree, "model")
    assert graph["model.top"] == {"model.low.a", "model.low.b"}
    assert graph["model.low.a"] == {"model.low.b"}
    assert graph["model.__main__"] == graph["model"] == {"model.top"}


def test_a_package_is_measured_by_its_parts(tree: Path) -> None:
    package = house.measure(tree, "model")
    assert package.flat_files == 1
    assert package.circles == [["model.low.a", "model.low.b"]]
    assert package.arrows == 3, "the package → top, __main__ → top, top → low"
    assert house.long_functions(tree) == ["model/low/b.py:3 long"]


def test_a_tree_that_git_does_not_know_has_no_archive(tree: Path) -> None:
    assert house.archive_bytes(tree) is None


def test_stops_are_functions_that_set_others_to_work(tmp_path: Path) -> None:
    (tmp_path / "tools.py").write_text(
        "def a(): pass\ndef b(): a()\ndef small(): b()\ndef large(): small()\n", encoding="utf-8"
    )
    (tmp_path / "view.py").write_text(
        "def view():\n    tools['small']()\n    for _ in range(3):\n        [tools['large']() for _ in range(2)]\n",
        encoding="utf-8",
    )
    tools: dict[str, object] = {}
    view: dict[str, object] = {"tools": tools}
    for name, names in (("tools.py", tools), ("view.py", view)):
        path = tmp_path / name
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), names)  # noqa: S102  # written above
    called = trace_photo.record(tmp_path, view["view"])  # type: ignore[arg-type]  # a function
    assert trace_photo.stops(called.calls[0], tmp_path) == ["view.py", "tools.py", "view.py"]


def test_this_tree_stays_a_house() -> None:
    packages = {name: house.measure(ROOT, name) for name in house.PACKAGES}
    assert [package.circles for package in packages.values()] == [[], [], []]
    for name, most in {"model": 9, "training": 8, "webapp": 5}.items():
        assert packages[name].flat_files <= most, name


@pytest.mark.slow
def test_one_photo_is_followed_from_the_view_to_the_recognizer() -> None:
    walk = trace_photo.trace_in_process_of_its_own(ROOT)
    assert walk.stops[0] == "webapp/blueprints/results.py"
    assert "model/recognizer.py" in walk.stops
    assert len(set(walk.stops)) < len(walk.stops) <= 61
    assert len(set(walk.stops)) <= 30
    assert 50_000 < walk.page_bytes <= 160_000
