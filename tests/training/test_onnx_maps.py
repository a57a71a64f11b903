"""model.maps.onnx: written beside a network with blocks, equal to the committed one, and refused for others."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from model.inside.feature_maps import FeatureMaps
from model.store.files import MAPS_FILE, METADATA_FILE, MODEL_FILE, SAVED
from training.export.onnx_maps import main, write_maps
from training.export.parity import ExportError

FOLDER = SAVED / "attention_cnn_people"
SOME = np.random.default_rng(1).integers(0, 256, (4, 48, 48, 1)).astype(np.float32)


def test_it_writes_the_committed_file(tmp_path: Path) -> None:
    shutil.copy(FOLDER / MODEL_FILE, tmp_path)
    assert write_maps(tmp_path, SOME).read_bytes() == (FOLDER / MAPS_FILE).read_bytes()
    shutil.copy(FOLDER / METADATA_FILE, tmp_path)
    assert len(FeatureMaps.load(tmp_path).read(SOME[0, ..., 0].astype(np.uint8)).blocks) == 4


def test_both_files_together_are_a_sound_network() -> None:
    content = (FOLDER / MODEL_FILE).read_bytes() + (FOLDER / MAPS_FILE).read_bytes()
    network = onnx.load_from_string(content)
    onnx.checker.check_model(network)
    assert [output.name for output in network.graph.output][-5:] == [
        *(f"block{number}" for number in range(1, 5)),
        "filters",
    ]


def test_a_network_without_named_blocks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(SAVED / "mtcnn" / "onet.onnx", tmp_path / MODEL_FILE)
    with pytest.raises(ExportError, match="no blocks"):
        write_maps(tmp_path, SOME)
    assert not (tmp_path / MAPS_FILE).exists()
    assert main(["nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
