"""Gray, transparent, indexed, 16-bit and animated images become the same RGB array."""

import struct

import numpy as np
import pytest
from PIL import Image

from model.photo.load import load_photo
from tests.helpers.photo_files import BLUE, GREEN, RED, WHITE, assert_near, corners, encoded, noise, png


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_grayscale(kind):
    gray = noise().convert("L").resize((64, 64)).reduce(8).resize((64, 64))
    options = {"WEBP": {"lossless": True}, "JPEG": {"quality": 100}}.get(kind, {})
    expected = np.asarray(gray.convert("RGB"))
    assert_near(load_photo(encoded(gray, kind, **options)).pixels, expected, 4)


def test_one_bit():
    bits = Image.new("1", (10, 6), 0)
    bits.putpixel((3, 2), 1)
    pixels = load_photo(encoded(bits)).pixels
    assert tuple(pixels[2, 3]) == WHITE
    assert pixels.sum() == 3 * 255


@pytest.mark.parametrize("depth", [2, 4])
def test_gray_of_few_bits_spans_black_to_white(depth):
    pixels = load_photo(png(8 // depth, 1, depth, 0, [bytes([{2: 0b00011011, 4: 0x0F}[depth]])])).pixels
    assert pixels[0, 0, 0] == 0
    assert pixels[0, -1, 0] == 255


def test_sixteen_bit_gray_is_scaled_and_not_cut_off():
    deep = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)
    pixels = load_photo(encoded(Image.fromarray(deep))).pixels
    assert_near(pixels[:, :, 0], np.rint(deep / 257).astype(np.uint8), 0)
    assert np.array_equal(pixels[:, :, 0], pixels[:, :, 2])


def test_sixteen_bit_gray_with_a_transparent_shade():
    row = struct.pack(">3H", 0, 30000, 65535)
    pixels = load_photo(png(3, 1, 16, 0, [row], (b"tRNS", struct.pack(">H", 30000)))).pixels
    assert [tuple(p) for p in pixels[0]] == [(0, 0, 0), WHITE, WHITE]


def test_sixteen_bit_color():
    row = struct.pack(">6H", 65535, 32768, 0, 257 * 10, 257 * 20, 257 * 30)
    assert_near(load_photo(png(2, 1, 16, 2, [row])).pixels, [[(255, 128, 0), (10, 20, 30)]], 1)


def test_sixteen_bit_color_with_a_transparent_color_is_read():
    row = struct.pack(">6H", 65535, 0, 0, 0, 0, 65535)
    pixels = load_photo(png(2, 1, 16, 2, [row], (b"tRNS", struct.pack(">3H", 65535, 0, 0)))).pixels
    assert [tuple(p) for p in pixels[0]] == [WHITE, BLUE]


def test_sixteen_bit_color_with_alpha():
    row = struct.pack(">8H", 65535, 0, 0, 65535, 65535, 0, 0, 0)
    assert [tuple(p) for p in load_photo(png(2, 1, 16, 6, [row])).pixels[0]] == [RED, WHITE]


def test_sixteen_bit_gray_with_alpha():
    row = struct.pack(">4H", 257 * 100, 65535, 0, 0)
    assert [tuple(p) for p in load_photo(png(2, 1, 16, 4, [row])).pixels[0]] == [(100, 100, 100), WHITE]


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF"])
def test_alpha_lies_on_white(kind):
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:4] = (*RED, 255)
    rgba[4:6] = (*RED, 128)
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}.get(kind, {})
    pixels = load_photo(encoded(Image.fromarray(rgba), kind, **options)).pixels
    tolerance = 4 if kind == "AVIF" else 0
    assert_near(pixels[0, 0], RED, tolerance)
    assert_near(pixels[5, 5], (255, 127, 127), tolerance + 1)
    assert_near(pixels[7, 7], WHITE, tolerance)


def test_gray_with_alpha_lies_on_white():
    pixels = load_photo(encoded(Image.merge("LA", [Image.new("L", (4, 4), 0), Image.new("L", (4, 4), 0)])))
    assert (pixels.pixels == 255).all()


def test_palette():
    assert_near(load_photo(encoded(corners().quantize(8))).pixels, corners(), 0)


def test_palette_with_one_transparent_entry():
    image = Image.new("P", (2, 1))
    image.putpalette([*RED, *BLUE])
    image.putpixel((1, 0), 1)
    pixels = load_photo(encoded(image, transparency=1)).pixels
    assert [tuple(p) for p in pixels[0]] == [RED, WHITE]


def test_palette_with_an_alpha_for_each_entry():
    image = Image.new("P", (3, 1))
    image.putpalette([*RED, *BLUE, *GREEN])
    image.putdata([0, 1, 2])
    pixels = load_photo(encoded(image, transparency=bytes([255, 128, 0]))).pixels
    assert_near(pixels[0], [RED, (127, 127, 255), WHITE], 1)


def test_color_key_of_an_rgb_png():
    assert (load_photo(encoded(Image.new("RGB", (4, 4), GREEN), transparency=GREEN)).pixels == 255).all()


def test_cmyk_jpeg():
    smooth = corners().convert("CMYK")
    assert_near(load_photo(encoded(smooth, "JPEG", quality=98)).pixels, corners(), 12)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF", "AVIF"])
def test_animation_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (20, 10), color) for color in (RED, BLUE, GREEN)]
    options = {"WEBP": {"lossless": True}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}.get(kind, {})
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)
    pixels = load_photo(data).pixels
    assert pixels.shape == (10, 20, 3)
    assert_near(pixels, np.broadcast_to(RED, pixels.shape), 2)


def test_jpeg_with_a_second_picture_behind_it_gives_the_first():
    data = encoded(corners(), "MPO", save_all=True, append_images=[noise(48, 32)], quality=95, subsampling=0)
    read = load_photo(data)
    assert read.format == "JPEG"
    assert_near(read.pixels, corners(), 12)


def test_second_picture_that_is_cut_off_does_not_matter():
    data = encoded(corners(), "MPO", save_all=True, append_images=[noise(300, 300)])
    assert load_photo(data[: len(data) - 20_000]).width == 48


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_bytes_behind_the_end_do_not_matter(kind):
    read = load_photo(encoded(corners(), kind) + b"\0" * 500)
    assert read.width == 48
    assert not read.truncated
