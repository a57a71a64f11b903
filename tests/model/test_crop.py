"""The face crop: position, and padding at the photo's border."""

import numpy as np
import pytest

from model.faces.crop import crop_face
from model.types import CropGeometry, Face

PHOTO = np.arange(100 * 200 * 3, dtype=np.uint32).reshape(100, 200, 3).astype(np.uint8)


def face(box):
    return Face(box=box, landmarks={}, score=1.0)


def test_the_square_is_centred_on_the_box_and_scaled_by_its_height():
    crop = crop_face(PHOTO, face((60, 20, 30, 40)), CropGeometry(0.95))
    assert crop.square == (56, 21, 38, 38)
    assert crop.pixels.shape == (38, 38, 3)
    np.testing.assert_array_equal(crop.pixels, PHOTO[21:59, 56:94])


@pytest.mark.parametrize("box", [(-15, -20, 30, 40), (185, 80, 30, 40), (60, -30, 60, 160)])
def test_over_the_border_the_borders_pixels_repeat(box):
    crop = crop_face(PHOTO, face(box), CropGeometry(1.0))
    x, y, side, _ = (int(value) for value in crop.square)
    rows = np.clip(np.arange(y, y + side), 0, 99)
    columns = np.clip(np.arange(x, x + side), 0, 199)
    np.testing.assert_array_equal(crop.pixels, PHOTO[np.ix_(rows, columns)])


def test_a_tiny_box_still_gives_a_pixel():
    assert crop_face(PHOTO, face((10, 10, 0.2, 0.2)), CropGeometry(0.95)).pixels.shape == (1, 1, 3)


@pytest.mark.parametrize("box", [(500, 10, 20, 20), (10, -300, 20, 20), (10, 10, 20, 0)])
def test_a_box_that_touches_nothing_is_refused(box):
    with pytest.raises(ValueError, match="does not touch the photo"):
        crop_face(PHOTO, face(box), CropGeometry(1.0))
