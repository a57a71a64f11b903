"""What a server installs."""

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
