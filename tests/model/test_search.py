"""Faces in rotated, small and empty photos, and given regions."""

import io

import cv2
import numpy as np
import pytest
import skimage.data
from PIL import Image

from model import Recognizer
from model.detection.detector import MtcnnDetector
from model.detection.rotation import rotate_clockwise
from model.faces.crop import crop_face, roll_of
from model.faces.quality import assess
from model.output.serialize import analysis_to_dict
from model.types import CropGeometry, Face, FaceCrop, Photo

PORTRAIT = skimage.data.astronaut()


@pytest.fixture(scope="module")
def recognizer():
    # No test depends on how fast the machine is.
    return Recognizer.load(detector=MtcnnDetector.load(seconds=3600))


def test_an_upright_photo_takes_one_look(recognizer):
    analysis = recognizer.analyze(PORTRAIT)
    assert len(analysis.faces) == 1
    assert [(a.rotation, a.upscaled, a.faces) for a in analysis.passes] == [(0, False, 1)]
    assert analysis.rotation == 0
    assert analysis.faces[0].source == "detected"


@pytest.mark.parametrize("lies", [90, 180, 270])
def test_a_photo_that_lies_is_turned_until_its_face_is_upright(recognizer, lies):
    lying = rotate_clockwise(Photo(PORTRAIT), lies).pixels
    analysis = recognizer.analyze(lying)
    assert analysis.rotation == 360 - lies
    np.testing.assert_array_equal(analysis.photo.pixels, PORTRAIT)
    (face,) = analysis.faces
    upright = recognizer.analyze(PORTRAIT).faces[0]
    assert face.face.box == pytest.approx(upright.face.box, abs=1)
    assert face.prediction.emotion == upright.prediction.emotion


def test_a_face_too_small_for_the_first_look_is_found_closer(recognizer):
    scene = np.full((700, 900, 3), 120, np.uint8)
    head = cv2.resize(PORTRAIT[60:200, 130:330], (24, 17), interpolation=cv2.INTER_AREA)
    scene[300:317, 400:424] = head
    analysis = recognizer.analyze(scene)
    assert analysis.passes[-1].upscaled
    assert analysis.passes[-1].faces == 1
    (face,) = analysis.faces
    x, y, width, height = face.face.box
    assert 400 < x + width / 2 < 424
    assert 300 < y + height / 2 < 317
    assert "small" in face.quality.warnings


def test_without_a_face_every_look_is_listed(recognizer):
    analysis = recognizer.analyze(np.full((300, 400, 3), 128, np.uint8))
    assert analysis.faces == ()
    assert [(a.rotation, a.upscaled, a.low_threshold) for a in analysis.passes] == [
        (0, False, False),
        (90, False, False),
        (180, False, False),
        (270, False, False),
        (45, False, False),
        (315, False, False),
        (135, False, False),
        (225, False, False),
        (0, True, False),
        (0, False, True),
    ]


def test_what_may_be_a_face_is_looked_at_tilted_too(recognizer):
    analysis = recognizer.analyze(skimage.data.rocket())
    assert analysis.faces == ()
    assert [(a.rotation, a.low_threshold) for a in analysis.passes][-4:] == [
        (0, True),
        (20, True),
        (340, True),
        (0, True),
    ]


def test_a_blurred_and_cut_off_face_is_found_at_last(recognizer):
    # Without forehead, chin and one cheek, and out of focus: the first two networks do not take it for a face.
    part = cv2.GaussianBlur(PORTRAIT[88:166, 196:262], (0, 0), 4)
    scene = cv2.copyMakeBorder(part, 120, 120, 160, 160, cv2.BORDER_CONSTANT, value=(90, 90, 90))
    analysis = recognizer.analyze(scene)
    assert [a.low_threshold for a in analysis.passes] == [False] * 9 + [True]
    (face,) = analysis.faces
    x, y, width, height = face.face.box
    assert 160 < x + width / 2 < 226
    assert 120 < y + height / 2 < 198


def test_faint_faces_are_not_seen_in_grass_and_gravel():
    # As small as tufts and stones, anything that is at all possible would look like one, in all of these pictures.
    detector = MtcnnDetector.load()
    seen = []
    for name in ("grass", "gravel"):
        picture = np.repeat(getattr(skimage.data, name)()[..., np.newaxis], 3, axis=2)
        corners = [(x, y) for x in (0, 96, 192) for y in (0, 136, 272)]
        parts = [picture[y : y + 240, x : x + 320] for x, y in corners]
        seen += [
            len(detector.detect_low_threshold(cv2.resize(part, (640, 480)), least=0.8)) for part in parts
        ]
    assert sum(map(bool, seen)) <= 1


def test_a_region_is_read_without_a_detector(recognizer):
    analysis = recognizer.analyze(PORTRAIT, region=(170, 60, 120, 140))
    (face,) = analysis.faces
    assert face.source == "region"
    assert face.face.box == (170, 60, 120, 140)
    assert face.crop.pixels.shape == (120, 120, 3)
    assert analysis.passes == ()
    assert "doubtful" not in face.quality.warnings


def test_the_whole_photo_is_a_region_and_a_box_over_the_edge_is_cut(recognizer):
    wide = PORTRAIT[:200]
    (face,) = recognizer.analyze(wide, region=(-50, -50, 10_000, 10_000)).faces
    assert face.face.box == (0, 0, 512, 200)
    assert face.crop.square == (156, 0, 200, 200)


@pytest.mark.parametrize(
    "region", [(0, 0, 7, 50), (600, 10, 50, 50), (10, 10, -20, 30), (0, 0, float("nan"), 9)]
)
def test_a_region_without_pixels_is_refused(recognizer, region):
    with pytest.raises(ValueError, match="must cover at least 8×8 pixels"):
        recognizer.analyze(PORTRAIT, region=region)


@pytest.mark.parametrize("angle", [-20, 15])
def test_a_leaning_head_is_turned_level(recognizer, angle):
    # cv2 turns counter-clockwise for positive angles, so the head then leans by −angle.
    matrix = cv2.getRotationMatrix2D((224, 110), -angle, 1)
    leaning = cv2.warpAffine(PORTRAIT, matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    upright = recognizer.analyze(PORTRAIT).faces[0]
    face = recognizer.analyze(leaning).faces[0]
    assert face.crop.roll - upright.crop.roll == pytest.approx(angle, abs=4)
    again = recognizer.analyze(face.crop.aligned).faces
    assert abs(again[0].crop.roll) < 5


def test_the_level_square_equals_the_square_of_a_level_face():
    face = Face((100, 100, 80, 100), {"left_eye": (120, 140), "right_eye": (160, 140)}, 1.0)
    crop = crop_face(PORTRAIT, face, CropGeometry(0.95))
    np.testing.assert_array_equal(crop.aligned, crop.pixels)
    assert crop.roll == 0


@pytest.mark.parametrize(
    ("eyes", "roll"),
    [
        (((10, 10), (20, 20)), 45),
        (((10, 10), (10, 20)), 90),
        (((10, 20), (10, 10)), -90),
        (((20, 5), (10, 5)), 180),
    ],
)
def test_roll_comes_from_the_eyes_however_large(eyes, roll):
    face = Face((0, 0, 40, 40), dict(zip(("left_eye", "right_eye"), eyes, strict=True)), 1.0)
    assert roll_of(face) == pytest.approx(roll, abs=1e-6)


def test_a_head_on_its_side_is_turned_level_and_called_tilted():
    lying = np.ascontiguousarray(np.rot90(PORTRAIT[60:160, 180:280], -1))
    eyes = {"left_eye": (60, 30), "right_eye": (60, 70)}
    face = Face((0, 0, 100, 100), eyes, 1.0)
    crop = crop_face(lying, face, CropGeometry(1.0))
    assert crop.roll == pytest.approx(90)
    difference = crop.aligned.astype(int) - PORTRAIT[60:160, 180:280]
    assert np.abs(difference)[2:-2, 2:-2].max() <= 1
    assert "tilted" in assess(face, crop, np.zeros((48, 48), np.uint8)).warnings


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda image: image // 5, "dark"),
        (lambda image: 255 - (255 - image) // 5, "bright"),
        (lambda image: image // 8 + 110, "flat"),
        (lambda image: cv2.GaussianBlur(image, (0, 0), 3), "blurred"),
    ],
)
def test_warnings_come_only_when_they_matter(recognizer, change, code):
    good = recognizer.analyze(PORTRAIT).faces[0]
    assert good.quality.warnings == ()
    assert code in assess(good.face, good.crop, change(good.network_input)).warnings


def test_tilt_and_the_detectors_doubt_are_warned_of():
    square = np.zeros((60, 60, 3), np.uint8)
    face = Face((0, 0, 60, 60), {}, 0.9)
    quality = assess(face, FaceCrop(square, (0, 0, 60, 60), square, -31.0), np.zeros((48, 48), np.uint8))
    assert {"tilted", "doubtful"} <= set(quality.warnings)


def test_positions_in_a_large_photo_are_the_files(recognizer):
    """A 12-megapixel JPEG is decoded at half its size; what is told of it counts in its own pixels."""
    buffer = io.BytesIO()
    Image.fromarray(cv2.resize(PORTRAIT, (3400, 3400), interpolation=cv2.INTER_CUBIC)).save(buffer, "JPEG")
    analysis = recognizer.analyze(buffer.getvalue())
    assert analysis.photo.width == 1700
    told = analysis_to_dict("large.jpg", analysis)
    assert (told["width"], told["height"]) == (3400, 3400)
    small = analysis_to_dict("small.jpg", recognizer.analyze(PORTRAIT))
    times = 3400 / 512
    assert told["faces"][0]["box"] == pytest.approx(
        [times * v for v in small["faces"][0]["box"]], abs=6 * times
    )
    assert told["faces"][0]["emotion"] == small["faces"][0]["emotion"]
    # A part of it is pointed at in the same pixels.
    region = recognizer.analyze(buffer.getvalue(), region=(1130, 400, 800, 930))
    assert analysis_to_dict("large.jpg", region)["faces"][0]["box"] == pytest.approx(
        [1130, 400, 800, 930], abs=1
    )
