"""The pinned requirements of the server."""

from __future__ import annotations

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
