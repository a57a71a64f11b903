"""The converted face mesh: the saved files are what the command writes, and agree with TensorFlow Lite."""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path

import pytest

from model.store.files import SAVED

WHEEL = os.environ.get("MEDIAPIPE_WHEEL", "")


def test_saved_mesh_states_its_source_and_its_agreement() -> None:
    document = json.loads((SAVED / "face_mesh" / "metadata.json").read_text(encoding="utf-8"))
    assert document["source"]["license"] == "Apache-2.0"
    assert 0 < document["largest_difference_to_tflite"] <= 1e-3


@pytest.mark.slow
@pytest.mark.skipif(not WHEEL, reason="needs the wheel of mediapipe 0.10.21, named by MEDIAPIPE_WHEEL")
def test_converting_again_gives_the_saved_files(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TensorFlow deprecates its own interpreter when it is made.
        from training.convert.face_mesh import convert

        assert convert(Path(WHEEL), tmp_path) <= 1e-3
    for path in (SAVED / "face_mesh").iterdir():
        if path.name != "metadata.json":  # It holds the measured difference, which the machine decides.
            assert path.read_bytes() == (tmp_path / path.name).read_bytes(), path.name
