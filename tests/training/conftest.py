"""Fixtures: face images."""

import dataclasses

import cv2
import numpy as np
import pytest

from model.faces.eye_band import MEAN_LANDMARKS
from tests.helpers import photos as faces_photos
from training.data.fer2013 import Split
from training.masks.copies import draw_copies


def gray_face():
    face = faces_photos.portrait()[66:168, 172:274]
    return cv2.resize(cv2.cvtColor(face, cv2.COLOR_RGB2GRAY), (48, 48), interpolation=cv2.INTER_AREA)


@pytest.fixture(scope="session")
def split():
    """Faces that lean and differ in size, with landmarks."""
    rng, points, images = np.random.default_rng(2), [], []
    for angle in range(-30, 31, 5):
        matrix = cv2.getRotationMatrix2D((23.5, 23.5), angle, float(rng.uniform(0.75, 1.25)))
        images.append(cv2.warpAffine(gray_face(), matrix, (48, 48), borderMode=cv2.BORDER_REPLICATE))
        points.append(np.array(MEAN_LANDMARKS) @ matrix[:, :2].T + matrix[:, 2])
    names = tuple(f"image {i}" for i in range(len(images)))
    marks = np.stack(points).astype(np.float32)
    return Split(np.stack(images), np.zeros(len(images), np.int64), names, landmarks=marks)


@pytest.fixture(scope="session")
def dressed(split):
    """The same faces with two masked copies each."""
    images, marks = draw_copies(split, 2)
    return dataclasses.replace(split, masked=images, masked_landmarks=marks)
