"""Inside the network: its blocks' maps are of the network that answers, and covering a part changes the reading."""

from __future__ import annotations

import base64
import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from model import Recognizer
from model.geometry import Pixels
from model.inside.feature_maps import FeatureMaps, has_maps
from model.inside.parts import GRID, PARTS, brushed, cover, landmarks_in, mask_of
from model.store.files import MAPS_FILE, METADATA_FILE, MODEL_FILE, SAVED, SavedModelError
from model.store.metadata import Metadata
from model.types import FaceResult

SAMPLES = Path(__file__).resolve().parents[2] / "static" / "samples"
FOLDER = SAVED / "attention_cnn_people"


@pytest.fixture(scope="module")
def maps() -> FeatureMaps:
    return FeatureMaps.load(FOLDER, threads=1)


@pytest.fixture(scope="module")
def two(recognizer: Recognizer) -> list[FaceResult]:
    return [recognizer.analyze(SAMPLES / name).faces[0] for name in ("astronaut.jpg", "hopper.jpg")]


def softmax(logits: np.ndarray, temperature: float) -> np.ndarray:
    powers = np.exp((logits - logits.max()) / temperature)
    return np.asarray(powers / powers.sum())


def test_the_probabilities_are_those_of_the_network_that_answers(
    maps: FeatureMaps, two: list[FaceResult]
) -> None:
    for face in two:
        given = softmax(maps.read(face.network_input).logits, maps.metadata.temperature)
        assert np.abs(given - face.prediction.probabilities).max() <= 1e-4


def test_each_block_sees_less_place_and_more_kinds(maps: FeatureMaps, two: list[FaceResult]) -> None:
    found = maps.read(two[0].network_input)
    assert found.filters.shape == (48, 3, 3)
    assert [block.shape for block in found.blocks] == [(48, 48, 48), (96, 24, 24), (192, 12, 12), (384, 6, 6)]
    assert all(block.min() >= 0 and block.max() > 0 for block in found.blocks)


def test_two_faces_give_different_maps(maps: FeatureMaps, two: list[FaceResult]) -> None:
    one, other = (maps.read(face.network_input) for face in two)
    for mine, theirs in zip(one.blocks, other.blocks, strict=True):
        assert np.abs(mine - theirs).mean() > 0.05 * mine.mean()
    assert np.array_equal(one.filters, other.filters), "filters are learned once, maps are of a face"


def test_the_file_has_no_weights() -> None:
    assert (FOLDER / MAPS_FILE).stat().st_size < 1000


def test_what_does_not_fit_is_refused(maps: FeatureMaps, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="expected uint8"):
        maps.read(np.zeros((47, 48), np.uint8))
    assert has_maps(maps.metadata)
    assert not has_maps(Metadata.load(SAVED / "deep"))
    with pytest.raises(SavedModelError, match="cannot be shown"):
        FeatureMaps.load(SAVED / "deep")
    for name in (MODEL_FILE, METADATA_FILE, MAPS_FILE):
        shutil.copy(FOLDER / name, tmp_path)
    (tmp_path / MAPS_FILE).write_bytes(b"")
    with pytest.raises(SavedModelError, match="sha256"):
        FeatureMaps.load(tmp_path)
    document = json.loads((tmp_path / METADATA_FILE).read_text())
    document["files"][MAPS_FILE]["sha256"] = (
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    )
    (tmp_path / METADATA_FILE).write_text(json.dumps(document))
    with pytest.raises(SavedModelError, match="names no blocks"):
        FeatureMaps.load(tmp_path)


def test_the_mouth_is_below_the_eyes_and_left_is_the_viewers(two: list[FaceResult]) -> None:
    for face in two:
        points = landmarks_in(face)
        assert points[0, 0] < points[2, 0] < points[1, 0]
        masks = {part: mask_of([part], points, 48) for part in PARTS}
        assert not (masks["mouth"] & masks["eyes"]).any()
        assert np.argwhere(masks["mouth"])[:, 0].min() > np.argwhere(masks["eyes"])[:, 0].max()
        assert not (masks["left"] & masks["right"]).any()
        assert (masks["left"] | masks["right"]).all()
        assert 0.1 < masks["mouth"].mean() < 0.45
        assert 0.1 < masks["eyes"].mean() < 0.55
        assert masks["left"][:, 0].all()
        assert not mask_of([], points, 48).any()


def test_without_landmarks_the_mean_face_stands_in(recognizer: Recognizer) -> None:
    (region,) = recognizer.analyze(SAMPLES / "astronaut.jpg", region=(180, 60, 90, 110)).faces
    points = landmarks_in(region)
    assert points.shape == (5, 2)
    assert 0.2 < points[0, 0] < 0.4


def test_without_the_mouth_a_calm_face_is_no_longer_calm(
    recognizer: Recognizer, two: list[FaceResult]
) -> None:
    calm = two[1]
    covered = cover(calm.network_input, mask_of(["mouth"], landmarks_in(calm), 48))
    (prediction,) = recognizer.classifier.classify(covered[np.newaxis])
    neutral = prediction.labels.index("neutral")
    assert prediction.probabilities[neutral] < calm.prediction.probabilities[neutral] - 0.2


def test_covering_changes_what_is_covered_and_nothing_else(two: list[FaceResult]) -> None:
    given: Pixels = two[0].network_input
    mask = mask_of(["eyes"], landmarks_in(two[0]), 48)
    covered = cover(given, mask)
    assert np.array_equal(covered[~mask], given[~mask])
    assert len(np.unique(covered[mask])) == 1


def test_the_brushes_bits_are_read_by_rows() -> None:
    bits = np.zeros((GRID, GRID), np.uint8)
    bits[3, 5:9] = 1
    text = base64.b64encode(np.packbits(bits).tobytes()).decode()
    assert np.array_equal(brushed(text, GRID), bits > 0)
    assert brushed(text, 96).sum() == 4 * bits.sum()
    for wrong in ("", "%%%", "AAAA", text + text, "é"):
        with pytest.raises(ValueError, match="mask"):
            brushed(wrong, GRID)
