"""Stages that some models have before their input: eye band and mesh."""

import dataclasses

import numpy as np
import pytest

from model import Recognizer
from model.types import FaceResult
from tests.helpers import photos as faces_photos
from webapp.presenters import formatters
from webapp.presenters.faces import stages


def read(model: str) -> FaceResult:
    (reading,) = Recognizer.load(model, threads=1).analyze(faces_photos.portrait()).faces
    return reading


@pytest.fixture(scope="module")
def meshed() -> FaceResult:
    return read("landmarks")


def test_a_mesh_is_shown_and_said_to_be_read_beside_the_pixels(meshed: FaceResult) -> None:
    strip = {stage.name: stage for stage in stages(1, meshed)}
    assert list(strip)[-2:] == ["Mesh", "Input"]
    assert strip["Mesh"].note == "468 points that the model reads beside the pixels"
    assert strip["Input"].note == f"the pixels that it reads: {formatters.size(128, 128)} grays"
    assert strip["Mesh"].image.source != strip["Aligned"].image.source, "the lines are drawn"


def test_a_mesh_that_was_not_found_is_said_not_to_be(meshed: FaceResult) -> None:
    assert meshed.mesh is not None
    lost = dataclasses.replace(meshed.mesh, found=False, points=np.full((468, 3), np.nan))
    strip = {stage.name: stage for stage in stages(1, dataclasses.replace(meshed, mesh=lost))}
    assert strip["Mesh"].note == "no mesh could be placed; average points stand in"
    assert strip["Mesh"].image.source == strip["Aligned"].image.source, "no line is drawn"


def test_the_band_of_the_eyes_is_shown_in_its_frame() -> None:
    strip = {stage.name: stage for stage in stages(1, read("upper_face"))}
    assert strip["Eyes and eyebrows"].note == "the band inside the frame, found by the eyes"
    assert strip["Input"].note == f"all that the model sees: {formatters.size(64, 32)} grays"
    assert "Mesh" not in strip
    assert "Attention" not in strip
