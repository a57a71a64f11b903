"""model.int8.onnx: what of the network is in 8 bits, how near its answers are, and that others are refused."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest

from model.classifier import Classifier
from model.store.files import EIGHT_BIT_FILE, MODEL_FILE, SAVED
from model.store.metadata import Metadata
from model.store.session import open_session
from tests.helpers.photos import fer_faces
from training.export.eight_bit import blocks_of, main, with_float_weights, write_eight_bit
from training.export.parity import ExportError

FOLDER = SAVED / "attention_cnn_people"
MOST_BYTES = 3_000_000
LEAST_SAME = 0.95


@pytest.fixture(scope="module")
def faces() -> np.ndarray:
    pytest.importorskip("PIL")
    if not (Path(__file__).resolve().parents[3] / "shared" / "data" / "fer2013.zip").is_file():
        pytest.skip("FER-2013 is not at ../shared/data/fer2013.zip")
    return np.stack([face[..., 0] for face in fer_faces(60, seed=3, split="test")])


def shares(name: str, images: np.ndarray) -> np.ndarray:
    """The shares that a file of the saved model gives."""
    classifier = Classifier(Metadata.load(FOLDER), open_session((FOLDER / name).read_bytes(), threads=1))
    return np.stack([prediction.probabilities for prediction in classifier.classify(images)])


def test_it_is_small_and_answers_as_the_network_does(faces: np.ndarray) -> None:
    assert (FOLDER / EIGHT_BIT_FILE).stat().st_size <= MOST_BYTES
    whole, rounded = shares(MODEL_FILE, faces), shares(EIGHT_BIT_FILE, faces)
    assert (whole.argmax(axis=1) == rounded.argmax(axis=1)).mean() >= LEAST_SAME
    assert np.abs(whole - rounded).mean() < 0.01


def test_all_blocks_but_the_first_are_in_eight_bits() -> None:
    whole = with_float_weights(onnx.load(str(FOLDER / MODEL_FILE)))
    kinds = [node.op_type for node in whole.graph.node if node.name in set(blocks_of(whole))]
    assert kinds.count("Conv") == 9, "two and a skip in each of three blocks"
    rounded = onnx.load(str(FOLDER / EIGHT_BIT_FILE))
    stored = {each.name: each.data_type for each in rounded.graph.initializer}
    eights = [
        name for name, kind in stored.items() if kind == onnx.TensorProto.INT8 and "convolution" in name
    ]
    assert len([name for name in eights if not name.endswith("zero_point")]) == 9


def test_it_can_be_written_again(faces: np.ndarray, tmp_path: Path) -> None:
    shutil.copy(FOLDER / MODEL_FILE, tmp_path)
    written = onnx.load(str(write_eight_bit(tmp_path, faces[:8])))
    assert [output.name for output in written.graph.output] == ["logits", "attention_map", "covered"]


def test_the_report_says_what_it_changes() -> None:
    found = json.loads((FOLDER / "report.json").read_text(encoding="utf-8"))["eight_bit"]
    assert found["bytes"] == (FOLDER / EIGHT_BIT_FILE).stat().st_size
    for accuracy in found["accuracy"].values():
        assert abs(accuracy["whole"] - accuracy["eight_bit"]) <= 0.005
    assert found["same_answer"] >= LEAST_SAME


def test_a_network_without_named_blocks_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copy(SAVED / "mtcnn" / "onet.onnx", tmp_path / MODEL_FILE)
    with pytest.raises(ExportError, match="no blocks"):
        write_eight_bit(tmp_path, np.zeros((1, 48, 48), np.uint8))
    assert main(["--data", "nowhere.zip", "--votes", "nowhere.csv", "--model", "nobody"]) == 2
    assert "nobody" in capsys.readouterr().err
