"""The examples in the library's docstrings run, and say what comes out."""

from __future__ import annotations

import doctest
import importlib
import pkgutil
import shutil
import sys
from pathlib import Path

import pytest

import model
from tests.helpers.films import make_example_film

ROOT = Path(__file__).resolve().parents[2]
MODULES = [
    module.name
    for module in pkgutil.walk_packages(model.__path__, "model.")
    if not module.name.endswith("__main__")
]
EXAMPLES = {
    test.name: test
    for name in ["model", *MODULES]
    for test in doctest.DocTestFinder(exclude_empty=True).find(importlib.import_module(name))
    if test.examples
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_says_what_comes_out(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "static" / "samples" / "astronaut.jpg", tmp_path / "photo.jpg")
    if "film.webm" in str([example.source for example in EXAMPLES[name].examples]):
        make_example_film(tmp_path / "film.webm")
    monkeypatch.chdir(tmp_path)
    # Installed, the package is called so; the wheel's own test tries that name.
    for module in ["model", *MODULES]:
        monkeypatch.setitem(
            sys.modules, module.replace("model", "facevalue", 1), importlib.import_module(module)
        )
    failed = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(EXAMPLES[name]).failed
    assert not failed, capsys.readouterr().out


def test_the_librarys_entry_points_have_examples() -> None:
    wanted = {"Recognizer.load", "Recognizer.analyze", "Recognizer.analyze_many", "to_pandas"}
    wanted |= {"PhotoAnalysis.to_dict", "PhotoAnalysis.save_stages", "read_film"}
    assert not {each for each in wanted if not any(name.endswith(each) for name in EXAMPLES)}
