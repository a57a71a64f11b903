"""Photos with too many pixels are refused, and large ones decoded smaller."""

import io
import struct
import warnings

import numpy as np
import pytest
from PIL import Image, ImageFile

from model.photo import load
from model.photo.load import MAX_PIXELS, CorruptPhoto, TooManyPixels, load_photo
from tests.helpers.photo_files import (
    BROKEN_EXIF,
    ORIENTATION,
    assert_near,
    corners,
    encoded,
    noise,
    png_chunk,
)


def huge_png(width, height):
    """A PNG that claims a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    )


def huge_jpeg(width, height):
    data = bytearray(encoded(noise(16, 16), "JPEG"))
    start = data.index(b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def huge_webp(width, height):
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + b"VP8L" + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize("size", [(5001, 5000), (12_000, 12_000), (16_000, 16_000)])
@pytest.mark.parametrize("make", [huge_png, huge_jpeg, huge_webp])
def test_too_many_pixels_are_refused_on_the_header(make, size, monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded before the check"))
    with pytest.raises(TooManyPixels) as refusal:
        load_photo(make(*size))
    assert "25 megapixels" in refusal.value.message
    assert "smaller" in refusal.value.message


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 50}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}]
)
def test_webp_size_is_known_before_the_reader_reserves_its_canvas(options, monkeypatch):
    data = encoded(noise(70, 50), "WEBP", **options)
    monkeypatch.setitem(load.OPENERS, "WEBP", lambda file: pytest.fail("opened before the check"))
    with pytest.raises(TooManyPixels, match="70 × 50"):
        load_photo(data, max_pixels=3499)


def test_limit_itself_is_allowed():
    assert MAX_PIXELS == 25_000_000
    data = encoded(noise(40, 30))
    assert load_photo(data, max_pixels=1200).width == 40
    with pytest.raises(TooManyPixels):
        load_photo(data, max_pixels=1199)


def test_limit_holds_for_arrays():
    with pytest.raises(TooManyPixels):
        load_photo(np.zeros((40, 30, 3), np.uint8), max_pixels=1199)


def test_nothing_is_warned_about():
    with warnings.catch_warnings(record=True) as given:
        warnings.simplefilter("always")
        for exif in BROKEN_EXIF:
            load_photo(encoded(noise(), "JPEG", exif=exif))
        with pytest.raises(TooManyPixels):
            load_photo(huge_png(12_000, 12_000))
    assert given == []


@pytest.mark.parametrize(("size", "decoded"), [((4000, 3000), (2000, 1500)), ((1601, 900), (1601, 900))])
def test_a_large_jpeg_is_decoded_smaller_and_keeps_its_size_in_mind(size, decoded):
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    buffer = io.BytesIO()
    image.save(buffer, "JPEG")
    photo = load_photo(buffer.getvalue())
    assert (photo.width, photo.height) == decoded
    assert photo.original_size == size
    assert photo.scale == pytest.approx(size[0] / decoded[0])
    assert np.abs(photo.pixels.mean() - np.asarray(image).mean()) < 1


def test_a_large_photo_that_lies_has_its_upright_size():
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = io.BytesIO()
    Image.new("RGB", (6000, 3000), "red").save(buffer, "JPEG", exif=exif)
    photo = load_photo(buffer.getvalue())
    assert photo.original_size == (3000, 6000)
    assert (photo.width, photo.height) == (1500, 3000)


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
@pytest.mark.parametrize(
    ("size", "factor"), [((4801, 2001), 2), ((2401, 3201), 2), ((3199, 2399), 1), ((16_001, 481), 2)]
)
def test_other_large_photos_are_shrunk_as_they_are_decoded(kind, size, factor):
    """Each pixel is the mean of a square; two lines of them at the edges may be of fewer."""
    gradient = np.add.outer(np.arange(size[1]), np.arange(size[0])) % 251
    image = Image.fromarray(np.repeat(gradient.astype(np.uint8)[:, :, None], 3, 2))
    photo = load_photo(encoded(image, kind, **({"lossless": True, "quality": 0} if kind == "WEBP" else {})))
    assert photo.original_size == size
    assert (photo.full_size is None) == (factor == 1)
    assert_near(photo.pixels, image.reduce(factor), 0)


def test_a_large_sideways_png_has_its_upright_size():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = load_photo(encoded(Image.new("L", (6500, 3100)), "PNG", exif=exif))
    assert photo.original_size == (3100, 6500)
    assert (photo.width, photo.height) == (1550, 3250)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"quality": 5, "method": 0}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_webp_looks_as_pillow_shows_it(mode, options):
    image = noise(70, 50).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = encoded(image, "WEBP", **options)
    shown: Image.Image = Image.open(io.BytesIO(data))
    if shown.mode == "RGBA":
        shown = Image.alpha_composite(Image.new("RGBA", shown.size, "white"), shown)
    assert_near(load_photo(data).pixels, shown.convert("RGB"), 0)


def test_damaged_webp_is_refused_without_a_word_on_the_terminal(capfd):
    data = encoded(noise(9, 9), "WEBP", exif=Image.Exif())
    for length in (12, 20, 29, 31, 32, 33, 60, len(data) - 1):
        with pytest.raises(CorruptPhoto):
            load_photo(data[:length])
    assert capfd.readouterr() == ("", "")


def test_an_animated_webp_may_have_half_the_pixels():
    """Its reader takes two canvases beside the picture."""
    data = encoded(noise(40, 30), "WEBP", save_all=True, append_images=[corners(40, 30)])
    assert load_photo(data, max_pixels=2400).width == 40
    with pytest.raises(TooManyPixels):
        load_photo(data, max_pixels=2399)
