"""Training batches: whole, repeatable, and the same after a resume."""

import dataclasses

import numpy as np
import pytest

from model.faces.crop import preprocess
from training.configs.schema import LABELS, InputConfig
from training.configs.systems import DEFAULT as COMMITTED
from training.data.fer2013 import Split
from training.data.inputs import Inputs
from training.data.labels import class_weights, one_hot
from training.network.batches import EvaluationBatches, TrainingBatches, targets

DEFAULT = dataclasses.replace(COMMITTED, labels="fer2013")


@pytest.fixture
def split():
    rng = np.random.default_rng(8)
    labels = np.repeat(np.arange(7), [40, 4, 40, 70, 50, 48, 32]).astype(np.int64)
    images = rng.integers(0, 256, (len(labels), 48, 48), np.uint8)
    return Split(images, labels, tuple(str(i) for i in range(len(labels))))


def test_a_batch_is_what_the_network_takes(split):
    pixels, labels, weights = TrainingBatches(Inputs(split, DEFAULT), DEFAULT)[0]
    assert pixels.shape == (64, 48, 48, 1)
    assert pixels.dtype == np.float32
    assert pixels.max() > 1, "pixels stay 0…255: scaling lives in the network"
    assert labels.shape == (64, 7)
    assert (labels.sum(axis=1) == 1).all()
    assert weights.shape == (64,)


def test_an_epoch_visits_no_image_twice(split):
    batches = TrainingBatches(Inputs(split, DEFAULT), DEFAULT)
    assert len(set(batches.order)) == len(split)
    assert len(batches) == len(split) // 64


def test_a_resumed_epoch_is_the_epoch_that_was_missed(split):
    through = TrainingBatches(Inputs(split, DEFAULT), DEFAULT)
    through.on_epoch_end()
    resumed = TrainingBatches(Inputs(split, DEFAULT), DEFAULT, first_epoch=1)
    for one, other in zip(through[2], resumed[2], strict=True):
        np.testing.assert_array_equal(one, other)
    assert not np.array_equal(through[0][0], TrainingBatches(Inputs(split, DEFAULT), DEFAULT)[0][0])


def test_class_weights_lift_the_rare_and_keep_the_mean(split):
    weights = class_weights(split, LABELS, 1.0)
    counts = np.bincount(split.labels)
    assert (weights * counts).sum() / counts.sum() == pytest.approx(1, abs=1e-6)
    assert weights[LABELS.index("disgust")] == weights.max()
    np.testing.assert_allclose(weights * counts, (weights * counts)[0], rtol=1e-5)
    np.testing.assert_allclose(class_weights(split, LABELS, 0.0), 1, rtol=1e-6)


def test_one_hot_follows_the_label_order():
    np.testing.assert_array_equal(one_hot(np.array([0, 6]), 7), np.eye(7)[[0, 6]])


def test_two_heads_get_a_target_and_a_weight_each(split):
    votes = np.zeros((len(split), 10), np.int64)
    votes[:, 1] = 8  # happiness
    votes[:, 7] = 2  # contempt, which is no label
    votes[0] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 10]
    split = dataclasses.replace(split, votes=votes)
    both = dataclasses.replace(DEFAULT, labels="both")
    wanted, weights = targets(split, both)
    np.testing.assert_array_equal(wanted["probabilities"], one_hot(split.labels, 7))
    np.testing.assert_allclose(wanted["votes"][1:, LABELS.index("happy")], 1)
    assert weights["votes"][0] == 0, "nobody saw a face: nothing to learn from the votes"
    np.testing.assert_allclose(weights["votes"][1:], 0.8)
    _, heads, head_weights = TrainingBatches(Inputs(split, both), both)[0]
    assert heads["votes"].shape == (64, 7)
    assert head_weights["probabilities"].shape == (64,)
    alone, _ = targets(split, dataclasses.replace(DEFAULT, labels="ferplus"))
    np.testing.assert_array_equal(alone, wanted["votes"])


def test_evaluation_sees_every_image_once_and_unchanged(split):
    batches = EvaluationBatches(Inputs(split, DEFAULT), DEFAULT, batch_size=100)
    pixels = np.concatenate([batches[i][0] for i in range(len(batches))])
    np.testing.assert_array_equal(pixels[..., 0], split.images)
    np.testing.assert_array_equal(np.concatenate([batches[i][2] for i in range(len(batches))]), 1)


def test_a_balanced_epoch_draws_the_rare_as_often_as_the_common(split):
    balanced = dataclasses.replace(DEFAULT, balanced=True, classes=LABELS)
    drawn = np.concatenate(
        [TrainingBatches(Inputs(split, balanced), balanced, epoch).order for epoch in range(20)]
    )
    share = np.bincount(split.labels[drawn]) / len(drawn)
    np.testing.assert_allclose(share, 1 / 7, atol=0.03)


def test_some_classes_alone_are_numbered_anew(split):
    five = ("angry", "happy", "neutral", "sad", "surprise")
    part = split.of_classes(five)
    assert part.class_counts() == {"angry": 40, "happy": 70, "neutral": 50, "sad": 48, "surprise": 32}
    assert targets(part, dataclasses.replace(DEFAULT, classes=five))[0].shape == (240, 5)
    assert split.of_classes(LABELS) is split
    again = part.of_classes(five)
    np.testing.assert_array_equal(again.labels, part.labels, "asked twice, nothing more is left out")


def test_a_larger_input_of_three_channels_is_the_same_image(split):
    described = InputConfig(128, 128, channels=3)
    config = dataclasses.replace(DEFAULT, input=described)
    pixels, _, _ = EvaluationBatches(Inputs(split, config), config, batch_size=2)[0]
    assert pixels.shape == (2, 128, 128, 3)
    np.testing.assert_array_equal(pixels[..., 0], pixels[..., 2])
    np.testing.assert_allclose(pixels[0, ..., 0], preprocess(split.images[0], 128), atol=2)
