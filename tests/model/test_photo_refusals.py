"""Every file and array that is no photo is refused with a specific error."""

import struct
import threading

import numpy as np
import pytest
from PIL import Image, ImageFile

from model.photo.load import (
    CorruptPhoto,
    EmptyPhoto,
    PhotoError,
    TooManyPixels,
    UnreadablePath,
    UnsupportedFormat,
    load_photo,
)
from tests.helpers.photo_files import BROKEN_EXIF, corners, encoded, noise, png

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>'
FOREIGN = {
    "text": (b"just some words about a photo", "not a picture"),
    "zeros": (b"\0" * 4096, "not a picture"),
    "svg": (SVG, "SVG"),
    "svg without a declaration": (b"\n  <svg width='9'></svg>", "SVG"),
    "web page": (b"<!DOCTYPE html><title>x</title>", "web page"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "tiff": (encoded(noise(), "TIFF"), "TIFF"),
    "jpeg xl": (b"\xff\x0a" + b"\0" * 40, "JPEG XL"),
    "jpeg xl in boxes": (b"\0\0\0\x0cJXL \r\n\x87\n" + b"\0" * 40, "JPEG XL"),
    "jpeg 2000": (b"\0\0\0\x0cjP  \r\n\x87\n" + b"\0" * 40, "JPEG 2000"),
    "photoshop": (b"8BPS\0\1" + b"\0" * 40, "Photoshop"),
    "ico": (encoded(noise(), "ICO"), "icon"),
    "heif of another kind": (b"\0\0\0\x18ftypmif1\0\0\0\0mif1unci" + b"\0" * 40, "HEIF"),
    "mp4": (b"\0\0\0\x18ftypisom\0\0\0\0isommp42" + b"\0" * 40, "a video (MP4)"),
    "mov": (b"\0\0\0\x14ftypqt  \0\0\0\0qt  " + b"\0" * 40, "a video (MOV)"),
    "old mov": (b"\0\0\1\0moov" + b"\0" * 40, "a video (QuickTime)"),
    "3gp": (b"\0\0\0\x14ftyp3gp5\0\0\0\x003gp5" + b"\0" * 40, "a video (3GP)"),
    "webm": (b"\x1a\x45\xdf\xa3" + b"\0" * 40, "a video (WebM or Matroska)"),
    "avi": (b"RIFF\x24\0\0\0AVI LIST" + b"\0" * 40, "a video (AVI)"),
    "canon's raw": (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + b"\0" * 40, "raw file"),
    "a text of BMW": (b"BMW builds cars, and this is a text about them" + b" " * 40, "not a picture"),
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
        assert refusal.value.message.endswith(("again.", "send that.", "are in it.", "that file.", "or BMP."))


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


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.8])
def test_cut_off_files_are_refused(kind, share):
    data = encoded(noise(200, 200), kind)
    with pytest.raises(
        CorruptPhoto, match=r"damaged or cut off|large part of this \w+ file is missing"
    ) as refusal:
        load_photo(data[: int(len(data) * share)])
    assert "download it again" in refusal.value.message


@pytest.mark.parametrize("kind", ["WEBP", "AVIF", "BMP"])
@pytest.mark.parametrize("missing", [1, 2, 8, 12, 30])
def test_files_of_other_formats_without_their_last_bytes_are_refused(kind, missing):
    with pytest.raises(CorruptPhoto):
        load_photo(encoded(noise(), kind)[:-missing])


def test_truncated_files_stay_refused_for_the_whole_process():
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "AVIF"])
def test_only_the_signature(kind):
    with pytest.raises(CorruptPhoto):
        load_photo(encoded(noise(), kind)[:12])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF"])
def test_damaged_bytes_give_a_photo_or_a_refusal_and_nothing_else(kind):
    data = encoded(
        noise(48, 48), kind, **({} if kind in ("GIF", "BMP") else {"exif": Image.Exif().tobytes()})
    )
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


@pytest.mark.parametrize("shape", [(0, 5, 3), (5, 0, 3), (0,)])
def test_array_without_pixels(shape):
    with pytest.raises(EmptyPhoto):
        load_photo(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("shape", [(5,), (5, 5, 2), (5, 5, 5), (1, 5, 5, 3)])
def test_array_of_another_shape(shape):
    with pytest.raises(UnsupportedFormat, match="height, width, 3"):
        load_photo(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("dtype", [np.float32, np.int64, np.uint16, bool, object])
def test_array_of_another_type(dtype):
    with pytest.raises(UnsupportedFormat, match="uint8"):
        load_photo(np.zeros((5, 5, 3), dtype))


@pytest.mark.parametrize("source", [None, 5, 1.5, [1, 2], object()])
def test_what_is_no_photo_source_at_all_is_a_mistake_in_the_program(source):
    with pytest.raises(TypeError, match="A photo is bytes, a path, a file"):
        load_photo(source)


@pytest.mark.parametrize("kind", [EmptyPhoto, UnsupportedFormat, CorruptPhoto, TooManyPixels, UnreadablePath])
def test_refusals_share_a_family_and_a_message(kind):
    refusal = kind("Say what to do.")
    assert isinstance(refusal, PhotoError)
    assert refusal.message == str(refusal) == "Say what to do."


def test_many_threads_read_at_once():
    data = encoded(corners(), "JPEG", exif=BROKEN_EXIF[3])
    widths: list[int] = []

    def read():
        widths.extend(load_photo(data).width for _ in range(20))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert widths == [48] * 80
