"""Masked copies: drawn once, in the same split as their original, and cropped without landmarks under the mask."""

import dataclasses

import numpy as np
import pytest

from model.faces.face_mesh import FaceMesh
from training.configs.schema import AugmentConfig
from training.configs.systems import LANDMARKS, UPPER_FACE, WHOLE_FACE_UPPER_BOUND
from training.data.annotations import not_found_under_masks, under_masks
from training.data.fer2013 import Fer2013
from training.data.inputs import Inputs
from training.data.meshes import locate_meshes
from training.masks.copies import (
    draw_copies,
    draw_copy,
    with_masked_meshes,
    with_masks,
)

STILL = AugmentConfig(flip=False, rotation=0.0, scale=(1.0, 1.0), shift=0.0)


def test_as_many_training_images_wear_a_mask_as_the_configuration_says(dressed):
    config = dataclasses.replace(WHOLE_FACE_UPPER_BOUND, augment=STILL)
    inputs = Inputs(dressed, config)
    rng, worn = np.random.default_rng(4), []
    for _ in range(30):
        for index in range(len(dressed)):
            pixels = inputs.load_sample(index, rng)[0]
            copies = [dressed.images[index], *dressed.masked[index]]
            worn.append([np.array_equal(pixels, copy) for copy in copies].index(True))
    shares = np.bincount(worn, minlength=3) / len(worn)
    np.testing.assert_allclose(shares, (0.5, 0.25, 0.25), atol=0.08)


def test_the_same_epoch_wears_the_same_masks_and_evaluation_wears_none(dressed):
    inputs = Inputs(dressed, UPPER_FACE)
    everything = np.arange(len(dressed))
    one, other = (inputs.batch(everything, np.random.default_rng((5, 2))) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    bare = Inputs(dressed, dataclasses.replace(UPPER_FACE, masked_fraction=0.0))
    np.testing.assert_array_equal(inputs.batch(everything), bare.batch(everything))


def test_masked_copies_stay_in_their_place_and_cover_the_mouth_alone(dressed):
    covered = under_masks(dressed)
    assert covered.names == dressed.names
    assert covered.labels is dressed.labels
    np.testing.assert_array_equal(covered.images[3], draw_copy(dressed, 3, 0))
    assert not np.array_equal(dressed.masked[:, 0], dressed.masked[:, 1])
    upright = len(dressed) // 2
    gap = np.abs(covered.images[upright].astype(int) - dressed.images[upright])
    assert gap[34:42, 14:34].mean() > 10 * gap[:16].mean()
    eyes = np.linalg.norm(covered.landmarks[upright] - dressed.landmarks[upright], axis=1)[:2]
    assert eyes.max() < 4, "the band stays on the eyes"
    assert 0 <= not_found_under_masks(dressed) < 2 * len(dressed)


def test_copies_are_drawn_once_and_again_only_for_other_images(split, tmp_path, monkeypatch):
    drawn = []

    def counted(part, copies, label=None):
        drawn.append(label)
        return draw_copies(part, copies)

    monkeypatch.setattr("training.masks.copies.draw_copies", counted)
    few = split.where(np.arange(len(split)) < 3)
    data = Fer2013(few, few, few, "fingerprint")
    first = with_masks(data, tmp_path)
    again = with_masks(data, tmp_path, ("public_test",))
    assert drawn == ["masks, training", "masks, public_test", "masks, private_test"]
    np.testing.assert_array_equal(first.public_test.masked, again.public_test.masked)
    assert again.training.masked is None
    moved = dataclasses.replace(few, landmarks=few.landmarks + 1)
    with_masks(dataclasses.replace(data, public_test=moved), tmp_path, ("public_test",))
    assert len(drawn) == 4


def test_a_masked_faces_mesh_is_what_is_found_in_the_masked_image(dressed):
    bare = locate_meshes(FaceMesh.load(), dressed.images, dressed.landmarks)
    known = dataclasses.replace(dressed, mesh=bare)
    with pytest.raises(ValueError, match="of the uncovered faces"):
        under_masks(known)
    data = with_masked_meshes(Fer2013(known, known, known, "fingerprint"))
    assert data.training.masked_mesh is None
    covered = under_masks(data.private_test, copy=1)
    wanted = locate_meshes(FaceMesh.load(), dressed.masked[:, 1], dressed.masked_landmarks[:, 1])
    np.testing.assert_array_equal(covered.mesh, wanted)
    assert not np.array_equal(covered.mesh, bare, equal_nan=True)


def test_no_points_are_learned_under_a_mask(dressed):
    mesh = np.zeros((len(dressed), 468, 3), np.float32)
    with pytest.raises(ValueError, match="uncovered face"):
        Inputs(dataclasses.replace(dressed, mesh=mesh), dataclasses.replace(LANDMARKS, masked_fraction=0.5))
