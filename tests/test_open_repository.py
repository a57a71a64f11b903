"""Licences, sources of third-party files, citation and contribution guide."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
import yaml

from scripts import house, third_party
from training.configs.systems import CONFIGURATIONS

ROOT = Path(__file__).resolve().parent.parent
PINNED = tuple(int(part) for part in (ROOT / ".python-version").read_text(encoding="utf-8").split("."))


def test_third_party_is_what_the_script_writes() -> None:
    written = third_party.TARGET.read_text(encoding="utf-8")
    if sys.version_info[: len(PINNED)] == PINNED:
        assert written == third_party.markdown(), "python -m scripts.third_party"
    for name in third_party.packages():
        assert f"[{name}](" in written


def test_every_folder_with_foreign_files_is_listed_and_has_its_licence() -> None:
    listed = {each.folder for each in third_party.foreign()}
    vendored = {path.relative_to(ROOT).as_posix() for path in (ROOT / "static/vendor").iterdir()}
    assert vendored <= listed
    assert {"model/saved/mtcnn", "model/saved/face_mesh", "static/samples", "model/saved"} <= listed
    for folder in listed:
        assert (ROOT / third_party.licence_file(folder)).stat().st_size > 100


def test_foreign_files_without_a_licence_stop_the_script(tmp_path: Path) -> None:
    (tmp_path / "static").mkdir()
    with pytest.raises(ValueError, match="no licence"):
        third_party.licence_file("static", tmp_path)


def test_the_licence_is_plain_mit() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert text.startswith("MIT License\n\nCopyright (c) 2026 The Face Value authors\n")
    assert text.count("\n") == 21


def test_the_citation_names_what_the_work_stands_on() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["title"] == "Face Value"
    assert all({"type", "title", "authors"} <= set(each) for each in citation["references"])
    titles = " ".join(each["title"] + each.get("notes", "") for each in citation["references"])
    for work in ("FER-2013", "FER+", "MTCNN", "CBAM", "Face Mesh"):
        assert work in titles
    notes = [each.get("notes", "") for each in citation["references"]]
    lists = [each.partition(":")[0].split(" ", 1)[1] for each in notes if each.startswith("Configuration")]
    assert len(lists) == 5, "the five projects"
    assert {name for each in lists for name in re.split(", | and ", each)} <= set(CONFIGURATIONS)


def test_continuous_integration_runs_one_script_on_every_python_that_trains() -> None:
    jobs = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text(encoding="utf-8"))["jobs"]
    versions = jobs["linux"]["strategy"]["matrix"]["python"]
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.findall(r"python(3\.\d+)", makefile.partition("PYTHON ?=")[2].partition("\n")[0]) == [
        *versions,
        "3.14",
    ]
    assert any(step.get("run") == ".ci/run" for step in jobs["linux"]["steps"])
    assert jobs["windows"]["runs-on"] == "windows-latest"


def test_pre_commit_runs_the_projects_own_tools() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"][0][
        "hooks"
    ]
    assert [hook["id"] for hook in hooks] == ["ruff", "ruff-format", "mypy"]
    assert {hook["language"] for hook in hooks} == {"system"}


def test_the_readme_fits_a_few_screens() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 140


def test_what_is_listed_to_be_run_exists() -> None:
    """Each package's docstring lists its commands; a command that is listed can be run."""
    for package in (*house.PACKAGES, "bench", "scripts"):
        text = (ROOT / package / "__init__.py").read_text(encoding="utf-8")
        for name in re.findall(rf"python -m ({package}(?:\.\w+)+)", text):
            path = ROOT.joinpath(*name.split("."))
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file(), name
        listed = set(re.findall(rf"python -m ({package}(?:\.\w+)+)", text))
        runnable = {
            ".".join(path.relative_to(ROOT).with_suffix("").parts)
            for path in (ROOT / package).rglob("*.py")
            if 'if __name__ == "__main__":' in path.read_text(encoding="utf-8") and path.stem != "__main__"
        }
        internal = {"scripts.trace_photo", "bench.contender"}
        assert runnable - internal <= listed, package


def test_make_lists_every_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)[0].split()
    explained = re.findall(r"^([a-z-]+):.*## .+$", makefile, re.MULTILINE)
    assert explained == targets
    assert ".DEFAULT_GOAL := help" in makefile


def test_no_document_keeps_the_old_name() -> None:
    old = "Facial" + " Emotion"
    for pattern in (
        "*.md",
        "docs/*.md",
        "bench/*",
        "scripts/*.py",
        "templates/**/*.html",
        "app.json",
        "Dockerfile",
    ):
        for path in ROOT.glob(pattern):
            assert not path.is_file() or old not in path.read_text(encoding="utf-8"), path
