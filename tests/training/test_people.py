"""The default model's training: changes on the device, calibration, and all steps on tiny data."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from keras import ops

from model.classifier import Classifier
from model.store.files import SAVED
from tests.training import tiny
from training.configs.schema import LABELS
from training.data.fer2013 import load_fer2013
from training.data.ferplus import with_votes
from training.data.formats import DatasetError
from training.data.pack import main as pack
from training.people import augment, calibrate, covers, fit, refine
from training.people.__main__ import main
from training.people.calibrate import Calibration, Logits, Weights
from training.people.config import REFINEMENT, Shape, Step
from training.people.targets import targets

# Keras' TensorFlow backend under NumPy 2.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

TINY = Shape((4, 8, 8, 8), (1, 2, 1, 1))
ROOT = Path(__file__).resolve().parents[2]


def draw(seed: int, count: int = 6) -> augment.Draw:
    return augment.Draw(keras.random.SeedGenerator(seed), count)


@pytest.fixture
def faces() -> np.ndarray:
    ramp = np.linspace(30, 220, 48, dtype=np.float32)
    return np.stack([np.add.outer(ramp, ramp[::-1] * share) / 2 for share in np.linspace(0, 1, 6)]).astype(
        np.float32
    )


def test_changes_follow_from_the_seed_and_stay_gray_values(faces: np.ndarray) -> None:
    one, same, other = (np.asarray(augment.degrade(faces, draw(seed))) for seed in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.array_equal(one, other)
    assert one.shape == faces.shape
    assert one.min() >= 0
    assert one.max() <= 255


def test_without_chances_nothing_changes(faces: np.ndarray) -> None:
    changed = np.asarray(augment.degrade(faces, draw(3), strength=0.0))
    assert np.abs(changed - faces).max() < 1e-3


@pytest.mark.parametrize("matrices", [augment.RESCALINGS, augment.BLURS])
def test_shrinking_and_blurring_keep_the_mean_of_a_constant(matrices: np.ndarray) -> None:
    assert np.allclose(matrices.sum(axis=2), 1.0, atol=1e-5)


def test_an_affine_change_without_extent_is_the_image_or_its_mirror(faces: np.ndarray) -> None:
    x = np.broadcast_to(augment.GRID_X, faces.shape)
    y = np.broadcast_to(augment.GRID_Y, faces.shape)
    assert np.abs(np.asarray(augment.bilinear(faces, x, y, 6)) - faces).max() < 1e-3
    mirrored = np.asarray(augment.bilinear(faces, 47 - x, y, 6))
    assert np.abs(mirrored - faces[:, :, ::-1]).max() < 1e-3


def test_compression_keeps_a_flat_image_to_the_size_of_its_steps() -> None:
    flat = np.full((6, 48, 48), 90.0, np.float32)
    # The mean of a block is a multiple of step / 8; the coarsest step of quality 20 is 40.
    assert np.abs(np.asarray(augment.jpeg(flat, draw(4))) - 90).max() <= 2.6


def test_covers_hide_the_lower_face_as_often_as_asked(faces: np.ndarray) -> None:
    many = np.repeat(faces, 50, axis=0)
    worn, opacity = (np.asarray(each) for each in covers.cover(many, draw(5, 300), 1.0))
    hidden = (opacity * covers.LOWER).sum(axis=(1, 2))
    assert (hidden > 0.75).mean() > 0.6
    assert opacity[:, :12].mean() < 0.1, "covers of the lower face leave the brow free"
    assert worn.min() >= 0
    assert worn.max() <= 255
    _, none = covers.cover(faces, draw(5), 0.0)
    assert float(ops.max(none)) == 0


def test_the_calibrated_head_is_one_dense_layer() -> None:
    rng = np.random.default_rng(6)
    features = rng.normal(size=(5, 8))
    votes, label = ((rng.normal(size=(8, 7)), rng.normal(size=7)) for _ in range(2))
    calibration = Calibration(0.3, 1.4, rng.normal(size=7))
    kernel, bias = calibration.head(votes, label)
    logits = Logits(features @ votes[0] + votes[1], features @ label[0] + label[1])
    z = features @ kernel + bias
    expected = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    assert np.allclose(calibration.log_probabilities(logits), expected, atol=1e-4)


def test_offsets_follow_photos_that_show_an_expression_more_often() -> None:
    rng = np.random.default_rng(7)
    truth = rng.integers(0, 7, 700)
    logits = np.eye(7)[truth] * 2 + rng.normal(size=(700, 7))
    public = Logits(logits[:600], logits[:600])
    # The photos say "surprise" where the network says "neutral" half of the time.
    labels = np.where((truth[600:] == 4) & (rng.random(100) < 0.5), 6, truth[600:])
    even = np.full(7, 1 / 7)
    found = calibrate.fit(
        public,
        np.eye(7)[truth[:600]],
        np.ones(600),
        Logits(logits[600:], logits[600:]),
        labels,
        even,
        Weights(votes=0.2, rare=0.0, as_they_come=0.0, blend=0.0, ridge=0.001),
    )
    assert found.offsets[6] > 0.1
    assert found.offsets[6] > found.offsets[4]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("people")
    tiny.write_images(root, training=6, tests=3)
    tiny.write_votes(root)
    return root


def test_targets_are_shares_and_weights(source: Path) -> None:
    split = with_votes(load_fer2013(source), source / "votes.csv").training
    given = targets(split)
    assert given.shape == (len(split), 16)
    assert np.allclose(given[1:, 7:14].sum(axis=1), 1)
    assert given[0, 15] == 0, "nobody could read the first image"


def test_arrays_travel_in_place_of_images(source: Path, tmp_path: Path) -> None:
    packed = tmp_path / "fer2013.npz"
    assert pack(["--data", str(source), str(packed)]) == 0
    one, other = load_fer2013(source), load_fer2013(packed)
    assert one.fingerprint == other.fingerprint
    assert one.training.names == other.training.names
    packed.write_bytes(packed.read_bytes()[:2000])
    with pytest.raises(DatasetError, match="not a complete file"):
        load_fer2013(packed)


def test_a_step_without_the_one_before_it_names_the_command(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(source), "--votes", str(source / "votes.csv"), "--runs", str(tmp_path)]
    assert main(["student", *arguments]) == 2
    assert "python -m training.people teachers" in capsys.readouterr().err
    assert main(["attend", *arguments]) == 2
    assert "python -m training.people student" in capsys.readouterr().err
    assert main(["refine", *arguments, "--teachers", str(SAVED / "attention_cnn")]) == 2
    assert "python -m training.people attend" in capsys.readouterr().err


def test_only_models_of_seven_expressions_in_the_whole_face_can_be_learned_from(
    source: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--data", str(source), "--votes", str(source / "votes.csv"), "--runs", str(tmp_path)]
    for other in ("upper_face", "landmarks_ablation"):
        assert main(["refine", *arguments, "--teachers", str(SAVED / other)]) == 2
        assert f"{other} does not read seven expressions from 48×48" in capsys.readouterr().err
    assert main(["refine", *arguments, "--teachers", str(tmp_path)]) == 2
    assert "The data cannot be used" in capsys.readouterr().err


def test_the_refinement_learns_from_itself_from_others_and_from_the_truth() -> None:
    label, votes = np.eye(7, dtype=np.float32)[[2]], np.eye(7, dtype=np.float32)[[4]]
    teacher = Classifier.load(SAVED / "attention_cnn")
    own = {"label": votes, "votes": votes}
    mixed = refine.mixed_answers(own, [(teacher, label)])
    assert mixed["label"][0, [2, 4]] == pytest.approx([0.5, 0.5])
    assert mixed["votes"] == pytest.approx(votes), "no other model answers with votes"
    voter = Classifier.load(SAVED / "attention_cnn_people")
    both = refine.mixed_answers(own, [(teacher, label), (voter, label)])
    assert both["votes"][0, [2, 4]] == pytest.approx([0.6, 0.4])
    truth = np.concatenate([label, label, [[0.8, 0.6]]], axis=1).astype(np.float32)
    wanted = refine.towards(truth, mixed, 0.5, LABELS)
    assert wanted.shape == (1, 16)
    assert wanted[0, [2, 4]] == pytest.approx([0.5 * 0.8 + 0.25, 0.25])
    assert wanted[0, [9, 11]] == pytest.approx([2 * 0.5 * 0.6, 2 * 0.5]), "fear weighs twice"
    assert wanted[0, 14:].tolist() == [1, 1]


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> Step:
    monkeypatch.setattr(fit, "WIDE", TINY)
    monkeypatch.setitem(fit.STUDENTS, "main", TINY)
    monkeypatch.setitem(fit.STUDENTS, "small", TINY)
    return Step(epochs=1, learning_rate=0.01, batch_size=16, covered=0.5, mixup=0.5, distillation=0.5)


@pytest.mark.slow
@pytest.mark.filterwarnings("default")  # tf2onnx asks NumPy for names that it no longer has
def test_all_steps_give_a_saved_model(source: Path, tmp_path: Path, small: Step) -> None:
    from training.people.attention import attend
    from training.people.export import Photos, export

    data = with_votes(load_fer2013(source), source / "votes.csv")
    fit.train_teachers(data, tmp_path, small, count=1)
    before = (tmp_path / "teacher0.npz").stat().st_mtime_ns
    fit.train_teachers(data, tmp_path, small, count=1)
    assert (tmp_path / "teacher0.npz").stat().st_mtime_ns == before, "a teacher that is there is kept"
    fit.train_students(data, tmp_path, small)
    attend(data, tmp_path, "main", images=3, epochs=2)
    rows = (tmp_path / "students.csv").read_text().splitlines()
    assert len(rows) == 2
    taught = np.load(tmp_path / "main_attending.npz")
    refine.refine(data, tmp_path, "main", [Classifier.load(SAVED / "attention_cnn")], small)
    refined = np.load(tmp_path / "main_refined.npz")
    assert np.array_equal(refined["attention_logits/kernel"], taught["attention_logits/kernel"])
    assert not np.array_equal(refined["block4_conv1/kernel"], taught["block4_conv1/kernel"])

    some = Photos(data.public_test.images[:14], data.public_test.labels[:14])
    directory = tmp_path / "saved" / "attention_cnn_people"
    written = export(data, some, tmp_path, "main", directory, "1.2.3", "the command")
    assert json.loads((directory / "metadata.json").read_text()) == json.loads(json.dumps(written))
    assert written["training"]["settings"]["refinement"]["epochs"] == REFINEMENT.epochs
    predictions = Classifier.load(directory).classify(data.private_test.images[:5])
    for prediction in predictions:
        assert prediction.attention is not None
        assert prediction.attention.shape == (12, 12)
        assert prediction.attention.sum() == pytest.approx(1, abs=1e-3)
        assert prediction.covered is not None
        assert 0 <= prediction.covered <= 1
        assert prediction.probabilities.sum() == pytest.approx(1, abs=1e-5)


ONE_EPOCH = """
import sys
from pathlib import Path
import keras
from training.data.fer2013 import load_fer2013
from training.data.ferplus import with_votes
from training.people import fit
from training.people.config import Shape, Step
assert keras.backend.backend() == sys.argv[3]
fit.WIDE = fit.STUDENTS["main"] = fit.STUDENTS["small"] = Shape((4, 8, 8, 8), (1, 2, 1, 1))
data = with_votes(load_fer2013(sys.argv[1]), Path(sys.argv[1]) / "votes.csv")
step = Step(epochs=1, learning_rate=0.01, batch_size=16, covered=0.5, mixup=0.5, distillation=0.5)
runs = Path(sys.argv[2])
fit.train_teachers(data, runs, step, count=1)
fit.train_students(data, runs, step)
"""


@pytest.mark.slow
@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_the_same_training_runs_on_other_backends(backend: str, source: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed")
    subprocess.run(
        [sys.executable, "-c", ONE_EPOCH, str(source), str(tmp_path), backend],
        check=True,
        cwd=ROOT,
        env={**os.environ, "KERAS_BACKEND": backend},
        timeout=1800,
    )
    assert (tmp_path / "small.npz").exists()
