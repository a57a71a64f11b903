"""Every kind of image becomes an upright RGB array."""

import io
import os
import threading

import numpy as np
import pytest
from PIL import Image, ImageOps

from model.photo.decode import STRIP_PIXELS, STRIP_ROWS, to_rgb
from model.photo.load import load_photo
from tests.helpers.photo_files import (
    BLUE,
    BROKEN_EXIF,
    GREEN,
    ORIENTATION,
    RED,
    WHITE,
    assert_near,
    corners,
    encoded,
    noise,
)


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
        ("GIF", {}, 0),
        ("BMP", {}, 0),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0}, 12),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}, 12),
    ],
)
def test_accepted_formats_are_read(kind, options, tolerance):
    read = load_photo(encoded(corners(), kind, **options))
    assert read.format == kind
    assert (read.width, read.height) == (48, 32)
    assert read.pixels.dtype == np.uint8
    assert read.pixels.flags.c_contiguous
    assert_near(read.pixels, corners(), tolerance)


def test_lossy_webp_is_read():
    # Colours are stored at half size and bleed at edges, so look at the middle of each quarter.
    pixels = load_photo(encoded(corners(), "WEBP", quality=90)).pixels
    assert_near(pixels[8::16, 12::24], [[RED, GREEN], [BLUE, WHITE]], 6)


def test_bytes_path_and_path_text_give_the_same(tmp_path):
    data = encoded(noise())
    file = tmp_path / "Фото 1 – é.png"
    file.write_bytes(data)
    expected = load_photo(data).pixels
    for source in (file, str(file), bytearray(data), memoryview(data)):
        assert np.array_equal(load_photo(source).pixels, expected)


def test_name_of_the_file_does_not_matter(tmp_path):
    file = tmp_path / "holiday.pdf"
    file.write_bytes(encoded(noise()))
    assert load_photo(file).format == "PNG"


def test_pipe_can_be_read(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(encoded(noise()),))
    writer.start()
    assert load_photo(pipe).width == 64
    writer.join()


def test_photo_taller_than_one_strip_is_whole():
    tall = noise(40, 2 * STRIP_ROWS + 37)
    assert np.array_equal(load_photo(encoded(tall)).pixels, np.asarray(tall))


def test_photo_wider_than_one_strip_is_whole():
    wide = Image.effect_noise((STRIP_PIXELS // 20, 29), 60).convert("RGB")
    photo = load_photo(encoded(wide, compress_level=1))
    assert np.array_equal(photo.pixels, np.asarray(wide))


def test_photo_wider_than_one_strip_is_reduced_as_a_whole():
    wide = Image.effect_noise((STRIP_PIXELS // 20, 29), 60).convert("RGB")
    pixels = to_rgb(wide, 8)
    assert np.array_equal(pixels, np.asarray(wide.reduce(8)))


def test_array_is_taken_as_it_is():
    array = np.asarray(noise())
    read = load_photo(array)
    assert read.format is None
    assert np.array_equal(read.pixels, array)


def test_array_that_is_a_view_becomes_contiguous():
    view = np.asarray(noise())[:, ::-2]
    read = load_photo(view)
    assert read.pixels.flags.c_contiguous
    assert np.array_equal(read.pixels, view)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
def test_every_exif_orientation_is_set_upright(orientation, kind):
    options = {
        "JPEG": {"quality": 95, "subsampling": 0},
        "WEBP": {"lossless": True},
        "AVIF": {"quality": 95},
    }.get(kind, {})
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(corners(), kind, exif=exif, **options)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    read = load_photo(data)
    assert_near(read.pixels, expected, 2)
    assert (read.width, read.height) == ((32, 48) if orientation >= 5 else (48, 32))
    assert read.pixels.flags.c_contiguous
    # An AVIF says it by other means, and of 1 says nothing.
    assert read.oriented or (kind, orientation) == ("AVIF", 1)


def test_sideways_phone_photo_has_its_top_up():
    upright = corners(32, 48)
    exif = Image.Exif()
    exif[ORIENTATION] = 6  # the camera was turned left, so the viewer must turn right
    data = encoded(upright.transpose(Image.Transpose.ROTATE_90), "PNG", exif=exif)
    assert np.array_equal(load_photo(data).pixels, np.asarray(upright))


@pytest.mark.parametrize("value", [0, 9, 65535])
def test_senseless_orientation_leaves_the_photo_as_it_is(value):
    exif = Image.Exif()
    exif[ORIENTATION] = value
    read = load_photo(encoded(corners(), exif=exif))
    assert np.array_equal(read.pixels, np.asarray(corners()))
    assert not read.oriented


@pytest.mark.parametrize("exif", BROKEN_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_does_not_spoil_a_good_photo(exif, kind):
    read = load_photo(encoded(noise(), kind, exif=exif))
    assert (read.width, read.height) == (64, 64)
    assert not read.oriented
