"""Every kind of picture becomes the same upright RGB array, and every other file a named refusal."""

import io
import os
import struct
import threading
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from model import photo
from model.photo import (
    MAX_PIXELS,
    CorruptPhoto,
    EmptyPhoto,
    PhotoError,
    TooManyPixels,
    UnreadablePath,
    UnsupportedFormat,
    load_photo,
)
from model.rgb import STRIP_PIXELS, STRIP_ROWS

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)
ORIENTATION = 0x0112


def encoded(image, kind="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def corners(width=48, height=32):
    """A picture whose four quarters differ, so that no turn or mirroring goes unnoticed."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[: height // 2, : width // 2] = RED
    pixels[: height // 2, width // 2 :] = GREEN
    pixels[height // 2 :, : width // 2] = BLUE
    pixels[height // 2 :, width // 2 :] = WHITE
    return Image.fromarray(pixels)


def noise(width=64, height=64):
    return Image.fromarray(np.random.default_rng(5).integers(0, 256, (height, width, 3), np.uint8))


def assert_near(pixels, expected, tolerance):
    assert pixels.shape == np.asarray(expected).shape
    assert np.abs(pixels.astype(int) - np.asarray(expected).astype(int)).max() <= tolerance


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, depth, color_type, rows, *extra):
    """A PNG written by hand, for what Pillow itself cannot write."""
    header = struct.pack(">IIBBBBB", width, height, depth, color_type, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    chunks = [(b"IHDR", header), *extra, (b"IDAT", body), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks)


# --- what is read ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options", "tolerance"),
    [
        ("PNG", {}, 0),
        ("WEBP", {"lossless": True}, 0),
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
    assert np.array_equal(photo.pixels, np.asarray(wide.reduce(8)))


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


# --- orientation -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_every_exif_orientation_is_set_upright(orientation, kind):
    options = {"JPEG": {"quality": 95, "subsampling": 0}, "WEBP": {"lossless": True}}.get(kind, {})
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = encoded(corners(), kind, exif=exif, **options)
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    read = load_photo(data)
    assert_near(read.pixels, expected, 2)
    assert (read.width, read.height) == ((32, 48) if orientation >= 5 else (48, 32))
    assert read.pixels.flags.c_contiguous


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
    assert np.array_equal(load_photo(encoded(corners(), exif=exif)).pixels, np.asarray(corners()))


BROKEN_EXIF = [
    b"Exif\0\0",
    b"Exif\0\0garbage that is no TIFF header",
    b"Exif\0\0II*\0\xff\xff\xff\xff",
    b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
    b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x02\0\0\0\x08\xff\xff\xff\xff\0\0\0\0",
    b"Exif\0\0II*\0\x08\0\0\0\x03\0" + b"\x1a\x01\x05\0\x01\0\0\0\xff\xff\0\0" * 3,
    b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\0\0\0\0\0\0\0\0\0\0\0\0",
]


@pytest.mark.parametrize("exif", BROKEN_EXIF)
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_broken_exif_does_not_spoil_a_good_photo(exif, kind):
    read = load_photo(encoded(noise(), kind, exif=exif))
    assert (read.width, read.height) == (64, 64)


# --- modes -------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_alpha_lies_on_white(kind):
    rgba = np.zeros((8, 8, 4), np.uint8)
    rgba[:4] = (*RED, 255)
    rgba[4:6] = (*RED, 128)
    data = encoded(Image.fromarray(rgba), kind, **({"lossless": True} if kind == "WEBP" else {}))
    pixels = load_photo(data).pixels
    assert tuple(pixels[0, 0]) == RED
    assert_near(pixels[5, 5], (255, 127, 127), 1)
    assert tuple(pixels[7, 7]) == WHITE


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


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_animation_gives_its_first_frame(kind):
    frames = [Image.new("RGB", (20, 10), color) for color in (RED, BLUE, GREEN)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], duration=50, **options)
    pixels = load_photo(data).pixels
    assert pixels.shape == (10, 20, 3)
    assert (pixels == RED).all()


def test_jpeg_with_a_second_picture_behind_it_gives_the_first():
    data = encoded(corners(), "MPO", save_all=True, append_images=[noise(48, 32)], quality=95, subsampling=0)
    read = load_photo(data)
    assert read.format == "JPEG"
    assert_near(read.pixels, corners(), 12)


def test_second_picture_that_is_cut_off_does_not_matter():
    data = encoded(corners(), "MPO", save_all=True, append_images=[noise(300, 300)])
    assert load_photo(data[: len(data) - 20_000]).width == 48


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bytes_behind_the_end_do_not_matter(kind):
    assert load_photo(encoded(corners(), kind) + b"\0" * 500).width == 48


# --- refusals ----------------------------------------------------------------------------------------------

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
FOREIGN = {
    "text": (b"just some words about a photo", "not a picture"),
    "zeros": (b"\0" * 4096, "not a picture"),
    "svg": (SVG, "SVG"),
    "svg without a declaration": (b"\n  <svg width='9'></svg>", "SVG"),
    "web page": (b"<!DOCTYPE html><title>x</title>", "web page"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "gif": (encoded(noise().quantize(16), "GIF"), "GIF"),
    "bmp": (encoded(noise(), "BMP"), "BMP"),
    "tiff": (encoded(noise(), "TIFF"), "TIFF"),
    "ico": (encoded(noise(), "ICO"), "not a picture"),
    "heic": (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 40, "HEIC"),
    "avif": (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif" + b"\0" * 40, "AVIF"),
    "video": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 40, "video"),
    "wav": (b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 40, "not a picture"),
    "zip": (b"PK\x03\x04" + b"\0" * 40, "ZIP"),
    "one byte": (b"\xff", "not a picture"),
}


@pytest.mark.parametrize("name", FOREIGN)
def test_other_files_are_refused_whatever_they_are_called(name, tmp_path):
    data, word = FOREIGN[name]
    file = tmp_path / "photo.jpg"
    file.write_bytes(data)
    for source in (data, file):
        with pytest.raises(UnsupportedFormat) as refusal:
            load_photo(source)
        assert word in refusal.value.message
        assert "JPEG" in refusal.value.message or "save the picture" in refusal.value.message


def test_eps_script_is_never_run():
    with pytest.raises(UnsupportedFormat):
        load_photo(b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n")


def test_zero_bytes(tmp_path):
    file = tmp_path / "empty.jpg"
    file.touch()
    for source in (b"", file):
        with pytest.raises(EmptyPhoto, match="empty") as refusal:
            load_photo(source)
        assert "again" in refusal.value.message


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_cut_off_files_are_refused(kind, share):
    data = encoded(noise(200, 200), kind)
    with pytest.raises(CorruptPhoto, match="damaged or cut off"):
        load_photo(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("missing", [1, 2, 8, 12, 30])
def test_files_without_their_last_bytes_are_refused(kind, missing):
    with pytest.raises(CorruptPhoto):
        load_photo(encoded(noise(), kind)[:-missing])


def test_cut_off_progressive_jpeg_is_refused():
    data = encoded(noise(200, 200), "JPEG", progressive=True)
    with pytest.raises(CorruptPhoto):
        load_photo(data[: len(data) // 2])


def test_truncated_files_stay_refused_for_the_whole_process():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_only_the_signature(kind):
    with pytest.raises(CorruptPhoto):
        load_photo(encoded(noise(), kind)[:12])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_damaged_bytes_give_a_photo_or_a_refusal_and_nothing_else(kind):
    data = encoded(noise(48, 48), kind, exif=Image.Exif().tobytes())
    rng = np.random.default_rng(11)
    outcomes = set()
    for _ in range(300):
        damaged = bytearray(data)
        # Half of the damage goes to the first bytes, where the headers are.
        end = len(data) if rng.random() < 0.5 else 200
        for place in rng.integers(3, end, rng.integers(1, 8)):
            damaged[place] = rng.integers(0, 256)
        try:
            outcomes.add(type(load_photo(bytes(damaged))).__name__)
        except PhotoError as refusal:
            outcomes.add(type(refusal).__name__)
    assert "CorruptPhoto" in outcomes


def test_broken_animation_notes_do_not_warn():
    good = png(2, 1, 8, 2, [bytes(6)], (b"acTL", struct.pack(">II", 0, 0)))
    assert load_photo(good).width == 2


def test_missing_file(tmp_path):
    with pytest.raises(UnreadablePath, match=r"no file .*nothing\.jpg.*[Cc]heck"):
        load_photo(tmp_path / "nothing.jpg")


def test_folder(tmp_path):
    with pytest.raises(UnreadablePath, match="is a folder"):
        load_photo(tmp_path)


@pytest.mark.parametrize("path", ["", "a\0b.jpg", "x" * 5000])
def test_impossible_paths(path):
    with pytest.raises(UnreadablePath):
        load_photo(path)


def test_forbidden_file(tmp_path, monkeypatch):
    # Simulated, because root, as whom tests often run, may read every file.
    def refuse(*args, **kwargs):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(UnreadablePath, match=r"may not be read\. Check its permissions"):
        load_photo(tmp_path / "secret.png")


def test_endless_file_that_is_no_photo_is_not_read_to_its_end():
    with pytest.raises(UnsupportedFormat):
        load_photo("/dev/zero")


# --- the pixel limit ---------------------------------------------------------------------------------------


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
    monkeypatch.setitem(photo.OPENERS, "WEBP", lambda file: pytest.fail("opened before the check"))
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


# --- arrays ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (0,)])
def test_array_without_pixels(shape):
    with pytest.raises(EmptyPhoto):
        load_photo(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(5,), (5, 5), (5, 5, 1), (5, 5, 4), (1, 5, 5, 3)])
def test_array_of_another_shape(shape):
    with pytest.raises(UnsupportedFormat, match="height, width, 3"):
        load_photo(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint16, bool, object])
def test_array_of_another_type(dtype):
    with pytest.raises(UnsupportedFormat, match="uint8"):
        load_photo(np.zeros((5, 5, 3), dtype))


@pytest.mark.parametrize("source", [None, 5, 1.5, [1, 2], object()])
def test_what_is_no_photo_source_at_all_is_a_mistake_in_the_program(source):
    with pytest.raises(TypeError, match="bytes, a path or an array"):
        load_photo(source)


@pytest.mark.parametrize("kind", [EmptyPhoto, UnsupportedFormat, CorruptPhoto, TooManyPixels, UnreadablePath])
def test_refusals_share_a_family_and_a_message(kind):
    refusal = kind("Say what to do.")
    assert isinstance(refusal, PhotoError)
    assert refusal.message == str(refusal) == "Say what to do."


def test_many_threads_read_at_once():
    data = encoded(corners(), "JPEG", exif=BROKEN_EXIF[3])
    widths = []

    def read():
        widths.extend(load_photo(data).width for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == [48] * 80


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
    ("size", "factor"), [((6500, 1001), 4), ((1001, 3201), 2), ((3199, 700), 1), ((3, 7000), 2)]
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
    photo = load_photo(encoded(Image.new("L", (6500, 900)), "PNG", exif=exif))
    assert photo.original_size == (900, 6500)
    assert (photo.width, photo.height) == (225, 1625)


@pytest.mark.parametrize("options", [{"lossless": True}, {"quality": 80}, {"quality": 5, "method": 0}])
@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L"])
def test_webp_looks_as_pillow_shows_it(mode, options):
    image = noise(70, 50).convert(mode)
    if mode == "RGBA":
        image.putalpha(Image.linear_gradient("L").resize(image.size))
    data = encoded(image, "WEBP", **options)
    shown = Image.open(io.BytesIO(data))
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
