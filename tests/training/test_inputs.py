"""Network inputs: the same region of a face in training as on the site; points are transformed with their image."""

import dataclasses

import cv2
import numpy as np
import pytest

from model import Recognizer
from model.classifier import standardise
from model.faces.eye_band import band_cut, eye_band
from model.faces.mesh_points import mirrored
from model.geometry import RotatedRect
from model.store.metadata import PointScale
from model.types import BandGeometry
from tests.helpers import photos as faces_photos
from training.configs.schema import AugmentConfig, InputConfig, TrainConfig
from training.configs.systems import COLOUR, LANDMARKS, UPPER_FACE
from training.data.augment import jitter_brightness_contrast, warp
from training.data.inputs import Inputs, combined, face_mirror, inverse
from training.data.landmarks import as_face
from training.data.mesh_points import move_points, point_scale, without_points

STILL = AugmentConfig(flip=False, rotation=0.0, scale=(1.0, 1.0), shift=0.0)
FLIP = dataclasses.replace(STILL, flip=True)


def settings(config: TrainConfig, **changes):
    return dataclasses.replace(config, masked_fraction=0.0, **changes)


def test_an_unchanged_band_is_the_one_that_the_site_cuts(split):
    inputs = Inputs(split, settings(UPPER_FACE))
    for index, image in enumerate(split.images):
        wanted = eye_band(image, as_face(split.landmarks[index]), BandGeometry()).pixels
        pixels, points = inputs.load_sample(index)
        np.testing.assert_array_equal(pixels, wanted)
        assert points is None


def test_a_training_band_without_any_change_is_that_band_too(split):
    """The chance that changes nothing shows that both ways lead to the same place and sharpness."""
    inputs = Inputs(split, settings(UPPER_FACE, augment=STILL))
    for index in range(len(split)):
        plain, changed = (inputs.load_sample(index, rng)[0] for rng in (None, np.random.default_rng(0)))
        # The warp rounds places to a 32nd of a pixel, and the one way cuts the band after the warp.
        assert np.abs(plain.astype(int) - changed).mean() < 0.6
        assert np.abs(plain.astype(int) - changed).max() <= 8


def test_the_site_reads_the_band_by_the_same_rule(split):
    photo = faces_photos.portrait()
    (face,) = Recognizer.load(threads=1).analyze(photo).faces
    gray = cv2.cvtColor(photo, cv2.COLOR_RGB2GRAY)
    rows, columns = gray.shape
    cut = band_cut(rows, columns, face.face, BandGeometry())
    part = cut.part(gray)
    again = warp(part, inverse(cut.matrix), (64, 32))
    assert np.abs(again.astype(int) - eye_band(photo, face.face).pixels).mean() < 0.6


def test_a_band_is_flipped_and_shifted_about_its_own_middle(split):
    inputs = Inputs(split, settings(UPPER_FACE, augment=FLIP))
    plain = inputs.load_sample(0)[0].astype(int)
    seen = [inputs.load_sample(0, np.random.default_rng(seed))[0] for seed in range(12)]
    gaps = [min(np.abs(plain - one).mean(), np.abs(plain[:, ::-1] - one).mean()) for one in seen]
    assert max(gaps) < 1
    assert len({one.tobytes() for one in seen}) == 2


def test_a_band_needs_landmarks_and_its_own_height(split):
    with pytest.raises(ValueError, match="no landmarks"):
        Inputs(dataclasses.replace(split, landmarks=None), settings(UPPER_FACE))
    with pytest.raises(ValueError, match="not as high as 48"):
        Inputs(split, settings(UPPER_FACE, input=InputConfig(64, 48, region="upper_face")))


@pytest.fixture(scope="module")
def mesh(split):
    """A mesh for each image but the last, whose points lie about as the mean face's do."""
    rng = np.random.default_rng(6)
    points = rng.uniform(0.2, 0.8, (1, 468, 3)) + rng.normal(0, 0.03, (len(split), 468, 3))
    points[-1] = np.nan
    return points.astype(np.float32)


def test_points_move_with_the_pixels_under_them():
    """A bright spot at a point is at the moved point after the same warp."""
    region = RotatedRect((60.0, 70.0), 128 * 0.9, 128 * 0.9, 11.0)
    matrix = np.column_stack([region.axes() * 0.9, (5.0, -3.0)])
    image = np.zeros((128, 128), np.uint8)
    image[60:63, 80:83] = 255
    spot = np.array([[(81 + 0.5) / 128, (61 + 0.5) / 128, 0.1]], np.float32)
    moved = move_points(spot, matrix, (128, 128), np.array([0]))
    rows, columns = np.nonzero(warp(image, matrix, (128, 128)) > 100)
    assert moved[0, 0] * 128 - 0.5 == pytest.approx(columns.mean(), abs=0.4)
    assert moved[0, 1] * 128 - 0.5 == pytest.approx(rows.mean(), abs=0.4)
    assert moved[0, 2] == pytest.approx(0.09)


def test_a_flipped_training_image_has_the_points_that_the_site_gives_its_mirror_image(split, mesh):
    config = settings(LANDMARKS, augment=FLIP)
    inputs = Inputs(dataclasses.replace(split, mesh=mesh), config, point_scale(mesh))
    flipped = 0
    for seed in range(10):
        pixels, points = inputs.load_sample(0, np.random.default_rng(seed))
        same = np.abs(pixels.astype(int) - inputs.load_sample(0)[0]).mean() < 1
        wanted = mesh[0] if same else mirrored(mesh[0], face_mirror())
        np.testing.assert_allclose(points, wanted, atol=1e-5)
        flipped += not same
    assert 0 < flipped < 10


def test_points_are_standardised_by_what_was_found_and_the_mean_stands_in_for_the_rest(split, mesh):
    scale = point_scale(mesh)
    assert without_points(mesh) == 1
    inputs = Inputs(dataclasses.replace(split, mesh=mesh), settings(LANDMARKS), scale)
    given = inputs.batch(np.arange(len(split)))
    assert given["pixels"].shape == (len(split), 128, 128, 3)
    np.testing.assert_allclose(given["points"][:-1].mean(axis=0), 0, atol=1e-3)
    np.testing.assert_allclose(given["points"][:-1].std(axis=0), 1, atol=1e-2)
    np.testing.assert_array_equal(given["points"][-1], 0)
    np.testing.assert_array_equal(given["points"], standardise(mesh, scale))
    changed = inputs.batch(np.array([len(split) - 1]), np.random.default_rng(0))
    np.testing.assert_array_equal(changed["points"], 0)


def test_points_that_never_move_divide_by_no_zero():
    scale = point_scale(np.full((3, 2, 3), 0.5, np.float32))
    assert isinstance(scale, PointScale)
    assert (scale.std > 0).all()
    with pytest.raises(ValueError, match="no training image"):
        point_scale(np.full((3, 2, 3), np.nan, np.float32))


def test_two_matrices_in_one_are_one_after_the_other():
    first, second = np.array([[1.0, 2, 3], [0, 1, 4]]), np.array([[0.0, -1, 5], [1, 0, 6]])
    point = np.array([7.0, 8, 1])
    np.testing.assert_allclose(combined(second, first) @ point, second @ [*(first @ point), 1])
    np.testing.assert_allclose(inverse(first) @ [*(first @ point), 1], point[:2])


def test_a_colour_input_is_the_sites_preprocessing(split):
    from model.faces.crop import preprocess

    config = settings(LANDMARKS, input=COLOUR)
    pixels = Inputs(split, config).batch(np.array([1]))
    np.testing.assert_array_equal(pixels[0, ..., 2], preprocess(split.images[1], 128))
    relit = jitter_brightness_contrast(split.images[0], AugmentConfig(contrast=0.3), np.random.default_rng(0))
    assert relit.dtype == np.uint8
