"""The pinned requirements of the server."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def test_serving_requirements_are_free_of_training() -> None:
    names = {
        line.partition("==")[0].strip().lower()
        for line in (ROOT / "requirements.txt").read_text().splitlines()
    }
    assert "onnxruntime" in names
    assert not names & {"tensorflow", "tensorflow-cpu", "keras", "mtcnn"}


def test_every_pinned_package_has_its_hashes() -> None:
    for path in sorted(ROOT.glob("requirements*.txt")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        pins = [line for line in text.splitlines() if line[:1].isalnum()]
        assert pins
        assert all("==" in line and "--hash=sha256:" in line for line in pins), path.name


def test_the_bill_of_materials_has_every_package_of_the_site(tmp_path: Path) -> None:
    """As ``make sbom`` writes it."""
    written = tmp_path / "sbom.json"
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nsbom:")[2].partition("\n\n")[0]
    command = (
        recipe.partition("\n\t")[2].replace("\\\n", " ").replace("$(BIN)", str(Path(sys.executable).parent))
    )
    subprocess.run(
        shlex.split(command.replace("sbom.json", str(written))), cwd=ROOT, check=True, capture_output=True
    )
    bill = json.loads(written.read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "facevalue"
    pinned = {
        tuple(line.partition(";")[0].rstrip(" \\").split("=="))
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line[:1].isalnum()
    }
    assert {(part["name"], part["version"]) for part in bill["components"]} == pinned
