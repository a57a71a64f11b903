"""The notebook of the documents runs from its first cell to its last."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOK = ROOT / "docs" / "notebooks" / "quickstart.ipynb"
# Installed, the package is called so; in a clone it is "model".
AS_INSTALLED = """
import importlib, pkgutil, sys
sys.path.insert(0, {root!r})
import model
for name in ["model", *(module.name for module in pkgutil.walk_packages(model.__path__, "model."))]:
    if not name.endswith("__main__"):
        sys.modules[name.replace("model", "facevalue", 1)] = importlib.import_module(name)
"""


def run(folder: Path) -> object:
    """Execute the notebook in ``folder``, which stands for docs/notebooks, and return it with its outputs."""
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(AS_INSTALLED.format(root=str(ROOT))))
    nbclient.NotebookClient(
        notebook, timeout=900, kernel_name="python3", resources={"metadata": {"path": str(folder)}}
    ).execute()
    del notebook.cells[0]
    return notebook


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_the_notebook_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # What the notebook reaches by ../.. is the clone; what it writes stays here.
    folder = tmp_path / "docs" / "notebooks"
    folder.mkdir(parents=True)
    for name in ("static", "training", "model"):
        (tmp_path / name).symlink_to(ROOT / name)
    shutil.copy(NOTEBOOK, folder)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    notebook = run(folder)
    printed = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in notebook.cells  # type: ignore[attr-defined]  # a notebook has cells
        for output in cell.get("outputs", [])
    ]
    assert any("happy" in text for text in printed)
    assert any("several.jpg" in text for text in printed)
    assert any("'model.onnx'" in text for text in printed)
    assert any("slanting" in text for text in printed)


def test_its_outputs_are_of_these_cells_and_small() -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbformat.validate(notebook)
    counts = [cell.execution_count for cell in notebook.cells if cell.cell_type == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert NOTEBOOK.stat().st_size < 300_000
