"""Augmentation changes a face a little and never its shape or type; without any range it changes nothing."""

import dataclasses

import numpy as np
import pytest

from training.configs.schema import AugmentConfig
from training.configs.systems import DEFAULT
from training.data.augment import (
    augment_pixels,
    jitter_brightness_contrast,
    random_erasing,
    random_warp,
    warp,
)

OFF = AugmentConfig(flip=False, rotation=0.0, scale=(1.0, 1.0), shift=0.0)


def augment(image, config, rng):
    """A sample's augmentation as ``training.data.inputs`` does it on a whole image: one warp, then the pixels."""
    height, width = image.shape
    moved = warp(image, random_warp(config, height, width, rng), (width, height))
    return augment_pixels(moved, config, rng)


@pytest.fixture
def image():
    gradient = np.add.outer(np.arange(48) * 2, np.arange(48) * 3)
    return gradient.astype(np.uint8)


def test_switched_off_it_changes_nothing(image):
    np.testing.assert_array_equal(augment(image, OFF, np.random.default_rng(0)), image)


def test_flip_alone_gives_the_image_or_its_mirror(image):
    rng = np.random.default_rng(0)
    config = dataclasses.replace(OFF, flip=True)
    seen = {augment(image, config, rng).tobytes() for _ in range(40)}
    assert seen == {image.tobytes(), image[:, ::-1].tobytes()}


def test_the_same_generator_gives_the_same_image(image):
    one = augment(image, DEFAULT.augment, np.random.default_rng(3))
    other = augment(image, DEFAULT.augment, np.random.default_rng(3))
    np.testing.assert_array_equal(one, other)
    assert one.shape == image.shape
    assert one.dtype == np.uint8


def test_the_original_stays_as_it_is(image):
    before = image.copy()
    rng = np.random.default_rng(4)
    for _ in range(50):
        augment(image, DEFAULT.augment, rng)
    np.testing.assert_array_equal(image, before)


def test_erasing_replaces_between_5_and_25_percent_by_one_value(image):
    rng = np.random.default_rng(5)
    before = image.copy()
    for _ in range(50):
        changed = random_erasing(image, rng) != image
        assert 0.02 <= changed.mean() <= 0.27
    np.testing.assert_array_equal(image, before)


def test_light_and_contrast_stay_in_range(image):
    rng = np.random.default_rng(6)
    config = dataclasses.replace(OFF, contrast=0.5, brightness=0.5)
    means = [jitter_brightness_contrast(image, config, rng).mean() for _ in range(50)]
    assert min(means) < image.mean() < max(means)
