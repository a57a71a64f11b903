"""Figures in README.md and docs/ are those of the committed models, and the files that they name exist."""

from __future__ import annotations

import re
import runpy
import shutil
from pathlib import Path

import pytest

from tests.helpers.answers import make_answers
from tests.helpers.films import make_example_film
from training.reports.readme import DOCUMENTS, filled, parts

ROOT = Path(__file__).resolve().parent.parent
TEXTS = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
}
README = TEXTS["README.md"]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_figure_is_that_of_the_files_beside_the_models(name: str) -> None:
    assert filled(TEXTS[name]) == TEXTS[name], "python -m training.reports.readme"


def test_every_part_that_is_made_is_shown() -> None:
    shown = "".join(TEXTS[name] for name in DOCUMENTS)
    for part in parts():
        assert f"<!-- {part}: written by training.reports.readme -->" in shown


@pytest.mark.parametrize("name", TEXTS)
def test_linked_files_exist(name: str) -> None:
    for target in re.findall(r"\]\(((?!https?:|mailto:)[^)#]+)[^)]*\)", TEXTS[name]):
        assert (ROOT / name).parent.joinpath(target).exists(), target


def test_the_tree_in_the_readme_is_the_repositorys() -> None:
    """Each line of the tree names a folder or files at the top; no folder is left out."""
    tree = README.partition("```text\n")[2].partition("```")[0]
    named = {
        name.rstrip("/")
        for line in tree.splitlines()
        if line[:1].strip()
        for name in re.split(r"\s", line)[:1]
    }
    assert all((ROOT / name).exists() for name in named), named
    folders = {path.split("/")[0] for path in tracked_folders()}
    assert {name for name in folders if not name.startswith(".")} <= named


def tracked_folders() -> list[str]:
    """The folders at the top that hold Python, pages or documents."""
    return [
        path.name
        for path in ROOT.iterdir()
        if path.is_dir()
        and path.name not in {"instance", "runs", "data", "build", "dist", "shared"}
        and not path.name.endswith(".egg-info")
        and path.name != "__pycache__"
    ]


@pytest.mark.parametrize("block", re.findall(r"```python\n(.*?)```", "".join(TEXTS.values()), re.DOTALL))
def test_the_python_in_it_runs(
    block: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(ROOT / "static" / "samples" / "astronaut.jpg", tmp_path / "photo.jpg")
    if "film.webm" in block:
        make_example_film(tmp_path / "film.webm")
    monkeypatch.chdir(tmp_path)
    if "answers" in block:
        make_answers(tmp_path / "answers", ["photo.jpg"])
    # Installed, the package ``model`` is called ``facevalue`` (pyproject.toml); the wheel's own test tries that name.
    (tmp_path / "example.py").write_text(block.replace("from facevalue", "from model"), encoding="utf-8")
    runpy.run_path("example.py")
    assert re.search(r"\bhappy\b", capsys.readouterr().out)
