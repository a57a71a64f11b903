"""A saved model whose metadata is missing, incomplete or of another model is refused with the reason."""

import copy
import json

import pytest

from model.store.files import SAVED, SavedModelError, read_verified
from model.store.metadata import Metadata

COMMITTED = SAVED / "attention_cnn"


@pytest.fixture
def raw():
    return json.loads((COMMITTED / "metadata.json").read_text(encoding="utf-8"))


def write(directory, raw):
    (directory / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    return directory


def test_the_committed_metadata_is_complete():
    metadata = Metadata.load(COMMITTED)
    assert metadata.labels == ("angry", "disgust", "fear", "happy", "neutral", "sad", "surprise")
    assert metadata.size == 48
    assert {path.name for path in COMMITTED.iterdir()} - set(metadata.raw["files"]) == {
        "metadata.json",
        "report.json",
        "history.csv",
    }
    for name, record in metadata.raw["files"].items():
        assert len(read_verified(COMMITTED, name, metadata.sha256[name])) == record["bytes"]


def test_no_folder(tmp_path):
    with pytest.raises(SavedModelError, match=r"no saved model at .*nowhere"):
        Metadata.load(tmp_path / "nowhere")


def test_not_json(tmp_path):
    (tmp_path / "metadata.json").write_text("{", encoding="utf-8")
    with pytest.raises(SavedModelError, match="cannot be read"):
        Metadata.load(tmp_path)


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (None, "no schema version"),
        ("2", "no schema version"),
        (True, "no schema version"),
        (1, r"older schema version 1\b.* reads \d+: train or convert it anew"),
        (2, r"older schema version 2\b.* reads \d+: `python -m training\.export\.upgrade` upgrades it"),
        (99, r"newer schema version 99\b.*: update Face Value"),
    ],
)
def test_another_schema_version(tmp_path, raw, version, reason):
    raw["schema_version"] = version
    with pytest.raises(SavedModelError, match=reason):
        Metadata.load(write(tmp_path, raw))


def test_an_altered_file_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"other weights")
    with pytest.raises(SavedModelError, match=r"model\.onnx is not the file that metadata\.json describes"):
        read_verified(tmp_path, "model.onnx", "0" * 64)
    with pytest.raises(SavedModelError, match=r"nothing\.onnx cannot be read"):
        read_verified(tmp_path, "nothing.onnx", "0" * 64)


@pytest.mark.parametrize(
    "field",
    [
        "name",
        "version",
        "target",
        "labels",
        "input",
        "region",
        "crop",
        "flip_average",
        "zooms",
        "temperature",
        "confidence_threshold",
        "files",
    ],
)
def test_every_field_is_needed(tmp_path, raw, field):
    del raw[field]
    with pytest.raises(SavedModelError, match="missing or of the wrong type"):
        Metadata.load(write(tmp_path, raw))


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (["labels"], ["angry", "angry"], "different names"),
        (["labels"], [], "different names"),
        (["input", "color"], "cmyk", "gray or rgb"),
        (["input", "height"], 64, "square input"),
        (["region"], "nose", "region"),
        (["target"], "me", "fer2013, ferplus or own"),
        (["crop", "reference"], "box_width", "box_height"),
        (["crop", "scale"], 0, "positive"),
        (["zooms"], [1.06], "zooms"),
        (["zooms"], [1.0, 3.0], "zooms"),
        (["temperature"], -1, "positive"),
        (["confidence_threshold"], 1.5, "0…1"),
        (["files"], {}, r"model\.onnx"),
    ],
)
def test_unusable_values(tmp_path, raw, path, value, reason):
    changed = copy.deepcopy(raw)
    target = changed
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = value
    with pytest.raises(SavedModelError, match=reason):
        Metadata.load(write(tmp_path, changed))


def test_a_band_and_points_are_described_where_the_model_reads_them(raw, tmp_path):
    band = {"width": 2.4, "above": 0.78, "below": 0.42, "columns": 64, "detail": 17.2}
    changed = raw | {"region": "upper_face", "band": band}
    changed["input"] = {"width": 64, "height": 32, "color": "rgb", "points": 2}
    changed["points"] = {"mean": [0.5] * 6, "std": [0.1] * 6}
    metadata = Metadata.load(write(tmp_path, changed))
    assert metadata.band is not None
    assert metadata.band.columns == 64
    assert metadata.input.channels == 3
    assert metadata.points is not None
    assert metadata.points.mean.shape == (6,)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"region": "upper_face"}, "missing"),
        (
            {
                "region": "upper_face",
                "band": {"width": 2.4, "above": 0.78, "below": 0.42, "columns": 60, "detail": 17.2},
            },
            "input's size",
        ),
        ({"input": {"width": 48, "height": 48, "color": "gray", "points": 2}}, "missing"),
        (
            {
                "input": {"width": 48, "height": 48, "color": "gray", "points": 1},
                "points": {"mean": [0.0] * 3, "std": [1.0, 1.0, 0.0]},
            },
            "positive std",
        ),
    ],
)
def test_a_band_or_points_that_are_not_described_are_refused(raw, tmp_path, change, reason):
    with pytest.raises(SavedModelError, match=reason):
        Metadata.load(write(tmp_path, raw | change))
