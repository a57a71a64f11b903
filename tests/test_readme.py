"""The README tells the truth about the committed model and names what exists."""

import re
import runpy
import shutil
from pathlib import Path

import pytest

from training.reports.readme import filled

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_every_figure_is_that_of_the_files_beside_the_models():
    assert filled(README) == README


def test_linked_files_exist():
    for target in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", README, re.DOTALL))
def test_the_python_in_it_runs(block, tmp_path, monkeypatch, capsys):
    shutil.copy(ROOT / "static" / "samples" / "astronaut.jpg", tmp_path / "photo.jpg")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "example.py").write_text(block, encoding="utf-8")
    runpy.run_path("example.py")
    assert re.search(r"\bhappy\b", capsys.readouterr().out)
