"""Photos whose decoding would take too much memory are refused on the header, and large ones decoded smaller."""

import io
import struct
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from model.photo import decode
from model.photo.load import (
    MAX_DECODE_BYTES,
    CorruptPhoto,
    TooManyPixels,
    downscale_factor,
    estimate_bytes,
    load_photo,
)
from tests.helpers.photo_files import (
    BROKEN_EXIF,
    ORIENTATION,
    assert_near,
    corners,
    encoded,
    noise,
    png_chunk,
)

FILES = Path(__file__).resolve().parents[1] / "files"


def huge_png(width, height, depth=8, color=2):
    """A PNG that claims a size and holds no pixels."""
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", b"") + png_chunk(b"IEND", b"")
    )


def huge_jpeg(width, height, **options):
    data = bytearray(encoded(noise(16, 16), "JPEG", **options))
    start = data.index(b"\xff\xc2" if options.get("progressive") else b"\xff\xc0")
    data[start + 5 : start + 9] = struct.pack(">HH", height, width)
    return bytes(data)


def huge_progressive_jpeg(width, height):
    return huge_jpeg(width, height, progressive=True, subsampling=0)


def huge_webp(width, height):
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"WEBPVP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas + b"VP8L" + struct.pack("<I", 0)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def huge_gif(width, height):
    data = bytearray(encoded(noise(16, 16).quantize(16), "GIF"))
    data[6:10] = struct.pack("<HH", width, height)
    return bytes(data)


def huge_bmp(width, height):
    data = bytearray(encoded(noise(16, 16), "BMP"))
    data[18:26] = struct.pack("<II", width, height)
    return bytes(data)


def huge_avif(width, height):
    return encoded(noise(16, 16), "AVIF").replace(
        struct.pack(">II", 16, 16), struct.pack(">II", width, height)
    )


def huge_heic(width, height):
    data = (FILES / "large.heic").read_bytes()
    return data.replace(struct.pack(">II", 4032, 3024), struct.pack(">II", width, height))


HUGE = [huge_png, huge_progressive_jpeg, huge_webp, huge_gif, huge_bmp, huge_avif, huge_heic]


@pytest.mark.parametrize("size", [(12_000, 12_000), (16_000, 16_000), (65_535, 2500)])
@pytest.mark.parametrize("make", HUGE)
def test_what_takes_too_much_is_refused_on_the_header(make, size, monkeypatch):
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda self: pytest.fail("decoded before the check"))
    monkeypatch.setattr(decode, "decode", lambda *given: pytest.fail("decoded before the check"))
    data = make(*size)
    assert estimate_bytes(data) > MAX_DECODE_BYTES
    with pytest.raises(TooManyPixels) as refusal:
        load_photo(data)
    message = refusal.value.message
    assert "a photo may take 120." in message
    assert f"{size[0]:,} × {size[1]:,} pixels" in message
    assert ("Save it as a JPEG" in message) == (make is not huge_jpeg)
    assert message.endswith("and try again.")


def test_a_baseline_jpeg_counts_at_the_size_that_is_used():
    for size in ((8064, 6048), (16_320, 12_240)):
        assert estimate_bytes(huge_jpeg(*size)) < 60e6
    with pytest.raises(TooManyPixels, match=r"this JPEG of 65.535 × 65.535 pixels .* 120\. Make it at most"):
        load_photo(huge_jpeg(65_535, 65_535))


@pytest.mark.parametrize(("subsampling", "megabytes"), [(0, 302), (1, 204), (2, 155)])
def test_a_progressive_jpeg_counts_with_all_its_coefficients(subsampling, megabytes):
    data = huge_jpeg(8064, 6048, progressive=True, subsampling=subsampling)
    assert estimate_bytes(data) == pytest.approx(1e6 * megabytes, rel=0.05)
    with pytest.raises(TooManyPixels, match="Save it as a JPEG that is not progressive, or make it at most"):
        load_photo(data)


def test_a_jpeg_of_one_scan_a_colour_is_held_whole_too():
    """Its colours come one after the other."""
    data = huge_jpeg(8064, 6048)
    start = data.index(b"\xff\xda")
    # A scan of the first component alone, and one of the others.
    alone = b"\xff\xda\0\x08\1\1\0\0\x3f\0" + b"\0"
    others = b"\xff\xda\0\x0a\2\2\x11\3\x11\0\x3f\0" + b"\0"
    apart = data[:start] + alone + others + b"\xff\xd9"
    assert estimate_bytes(apart) > estimate_bytes(data) + 100e6


@pytest.mark.parametrize("size", [(4032, 3024), (5712, 4284)])
def test_phones_heic_photos_are_within_the_limit(size):
    assert estimate_bytes(huge_heic(*size)) <= MAX_DECODE_BYTES


def test_a_photo_is_reduced_further_where_it_takes_too_much_otherwise():
    """Of 25 megapixels, a PNG takes 100 MB, and its half 19."""
    image = Image.new("RGB", (5200, 5000), "gray")
    photo = load_photo(encoded(image, compress_level=1))
    assert photo.original_size == (5200, 5000)
    assert photo.scale in (4, 8)
    assert downscale_factor((5200, 5000)) == 2


def test_the_header_of_an_avif_cannot_lie():
    """Libavif reserves what the picture says, and compares it with what the file says afterwards."""
    data = encoded(noise(300, 200), "AVIF")
    lie = data.replace(struct.pack(">II", 300, 200), struct.pack(">II", 30, 20))
    assert lie != data
    assert estimate_bytes(lie) == estimate_bytes(data)


@pytest.mark.parametrize(
    "options", [{"lossless": True}, {"quality": 50}, {"exif": b"Exif\0\0II*\0\x08\0\0\0\0\0"}]
)
def test_webp_size_is_known_before_the_reader_reserves_its_canvas(options, monkeypatch):
    data = encoded(noise(70, 50), "WEBP", **options)
    monkeypatch.setattr(decode, "decode", lambda *given: pytest.fail("opened before the check"))
    with pytest.raises(TooManyPixels, match="70 × 50"):
        load_photo(data, max_bytes=3499)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_limit_itself_is_allowed(kind):
    assert MAX_DECODE_BYTES == 120_000_000
    data = encoded(noise(40, 30), kind)
    estimate = estimate_bytes(data)
    assert load_photo(data, max_bytes=estimate).width == 40
    # With a little less, it is read at a reduced size.
    with pytest.raises(TooManyPixels):
        load_photo(data, max_bytes=estimate // 10)


def test_limit_holds_for_arrays():
    array = np.zeros((40, 30, 3), np.uint8)
    assert load_photo(array, max_bytes=3600).width == 30
    with pytest.raises(TooManyPixels, match="picture has 30 × 40 pixels"):
        load_photo(array, max_bytes=3599)


def test_what_is_no_photo_has_no_estimate():
    for data in (b"", b"just text", encoded(noise(), "JPEG")[:100], b"\x89PNG\r\n\x1a\n"):
        assert estimate_bytes(data) == 0


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


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "BMP", "GIF"])
@pytest.mark.parametrize(
    ("size", "factor"),
    [
        ((4801, 2001), 2),
        ((2401, 3201), 2),
        ((3199, 2399), 1),
        ((16_001, 481), 2),
        ((3, 7000), 1),
    ],
)
def test_other_large_photos_are_shrunk_as_they_are_decoded(kind, size, factor):
    """Each pixel is the mean of a square; two lines of them at the edges may be of fewer."""
    gradient = np.add.outer(np.arange(size[1]), np.arange(size[0])) % 251
    image = Image.fromarray(gradient.astype(np.uint8))
    image = image if kind == "GIF" else image.convert("RGB")
    options = {"WEBP": {"lossless": True, "quality": 0, "method": 0}, "PNG": {"compress_level": 1}}
    photo = load_photo(encoded(image, kind, **options.get(kind, {})))
    assert photo.original_size == size
    assert (photo.full_size is None) == (factor == 1)
    assert_near(photo.pixels, image.convert("RGB").reduce(factor), 0)


def test_very_large_photos_are_decoded_at_a_quarter():
    image = Image.linear_gradient("L").resize((6403, 4801))
    assert_near(load_photo(encoded(image, "GIF")).pixels, image.convert("RGB").reduce(4), 0)


def test_a_panorama_keeps_its_small_side():
    """Or no face would be left in it."""
    image = Image.linear_gradient("L").resize((16_000, 1500)).convert("RGB")
    photo = load_photo(encoded(image, "JPEG"))
    assert photo.original_size == (16_000, 1500)
    assert photo.height == 750


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


def test_an_animated_webp_takes_more():
    """Its reader takes two canvases beside the picture."""
    still = encoded(corners(1000, 800), "WEBP")
    moving = encoded(corners(1000, 800), "WEBP", save_all=True, append_images=[noise(1000, 800)])
    assert estimate_bytes(moving) > 1.6 * estimate_bytes(still)
