"""The network's input: one function for training images and for crops of photos."""

import cv2
import numpy as np
import pytest

from model.faces.crop import enlarge, preprocess


def test_a_training_image_passes_unchanged():
    image = np.random.default_rng(1).integers(0, 256, (48, 48), np.uint8)
    np.testing.assert_array_equal(preprocess(image, 48), image)


def test_a_gray_training_image_stored_as_rgb_passes_unchanged():
    image = np.random.default_rng(2).integers(0, 256, (48, 48), np.uint8)
    np.testing.assert_array_equal(preprocess(np.repeat(image[..., None], 3, axis=2), 48), image)


def test_an_enlarged_training_image_comes_back_nearly_the_same():
    smooth = cv2.GaussianBlur(np.random.default_rng(3).integers(0, 256, (48, 48), np.uint8), (0, 0), 2)
    enlarged = cv2.resize(smooth, (480, 480), interpolation=cv2.INTER_NEAREST)
    rgb = np.repeat(enlarged[..., None], 3, axis=2)
    assert np.abs(preprocess(rgb, 48).astype(int) - smooth).max() <= 1


@pytest.mark.parametrize(("colour", "luma"), [((255, 0, 0), 76), ((0, 255, 0), 150), ((0, 0, 255), 29)])
def test_gray_is_the_luma_of_rgb_not_of_bgr(colour, luma):
    crop = np.full((60, 60, 3), colour, np.uint8)
    assert np.abs(preprocess(crop, 48).astype(int) - luma).max() <= 1


@pytest.mark.parametrize("side", [1, 7, 48, 49, 301])
def test_any_side_gives_the_asked_size(side):
    result = preprocess(np.full((side, side, 3), 90, np.uint8), 48)
    assert result.shape == (48, 48)
    assert result.dtype == np.uint8
    assert set(np.unique(result)) == {90}


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((48, 48), np.float32),
        np.zeros((48,), np.uint8),
        np.zeros((0, 4), np.uint8),
        np.zeros((8, 8, 4), np.uint8),
    ],
)
def test_other_types_and_shapes_are_refused(bad):
    with pytest.raises(ValueError, match="expected uint8"):
        preprocess(bad, 48)


def test_enlarging_keeps_the_middle_and_moves_the_rest_outwards():
    images = np.zeros((2, 9, 13), np.uint8)
    images[0, 4, 6], images[1, 4, 8] = 255, 255
    larger = enlarge(images, 1.5)
    assert larger.shape == images.shape
    assert larger[0, 4, 6] == 255
    assert larger[1, 4, 9] == 255, "two pixels from the middle become three"
    np.testing.assert_array_equal(enlarge(images, 1.0), images)
    assert enlarge(images[:0], 1.5).shape == (0, 9, 13)
