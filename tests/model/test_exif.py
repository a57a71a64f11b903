"""The orientation is read from EXIF data with bounded work, whatever else is in them."""

import struct
import time

import pytest
from PIL import Image

from model.photo.exif import MOST_ENTRIES, orientation_of
from model.photo.load import load_photo
from tests.helpers.photo_files import BROKEN_EXIF, ORIENTATION, corners, encoded


def directory(order, *entries, start=8):
    """TIFF data with one directory of (tag, type, count, four bytes)."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start)
    body = struct.pack(order + "H", len(entries))
    return head + body + b"".join(struct.pack(order + "HHI", *entry[:3]) + entry[3] for entry in entries)


def short(order, value):
    return struct.pack(order + "HH", value, 0)


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("prefix", [b"", b"Exif\0\0"])
def test_both_orders_of_bytes_are_read(order, prefix):
    for value in range(1, 9):
        exif = prefix + directory(order, (0x010F, 2, 4, b"abc\0"), (0x0112, 3, 1, short(order, value)))
        assert orientation_of(exif) == value


@pytest.mark.parametrize(("kind", "value"), [(1, b"\x06\0\0\0"), (4, b"\x06\0\0\0")])
def test_other_whole_numbers_are_taken(kind, value):
    assert orientation_of(directory("<", (0x0112, kind, 1, value))) == 6


@pytest.mark.parametrize(
    "entry",
    [
        (0x0112, 5, 1, b"\x1a\0\0\0"),
        (0x0112, 3, 2, short("<", 6)),
        (0x0112, 2, 1, b"6\0\0\0"),
        (0x0112, 3, 1, short("<", 9)),
    ],
)
def test_other_values_are_none(entry):
    assert orientation_of(directory("<", entry)) is None


@pytest.mark.parametrize(
    "exif", [*BROKEN_EXIF, b"", b"II*\0", b"MM\0*\0\0\0\x08", b"II*\0\xff\xff\xff\xff\0\0"]
)
def test_broken_data_are_none(exif):
    assert orientation_of(exif) is None


def test_what_pillow_writes_is_read():
    exif = Image.Exif()
    exif[ORIENTATION] = 8
    exif[0x010F] = "a maker"
    assert orientation_of(exif.tobytes()) == 8


def test_no_more_entries_are_looked_at_than_a_camera_writes():
    entries = [(0x0100, 3, 1, short("<", 1))] * 60_000
    assert orientation_of(directory("<", *entries[: MOST_ENTRIES - 1], (0x0112, 3, 1, short("<", 6)))) == 6
    assert orientation_of(directory("<", *entries, (0x0112, 3, 1, short("<", 6)))) is None


def test_thousands_of_small_segments_take_no_time():
    """Joined one after the other, they took twelve seconds."""
    data = encoded(corners(), "JPEG")
    segment = b"\xff\xe1" + struct.pack(">H", 2 + 6 + 800) + b"Exif\0\0" + bytes(800)
    stuffed = data[:2] + segment * 9_500 + data[2:]
    started = time.thread_time()
    assert load_photo(stuffed).width == 48
    assert time.thread_time() - started < 1


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_an_orientation_of_rationals_takes_no_time(kind):
    """As numbers of Python, they took two seconds and 331 MB."""
    count = 900_000
    exif = directory("<", (0x0112, 5, count, struct.pack("<I", 26))) + struct.pack("<II", 6, 1) * count
    data = encoded(corners(), kind, exif=b"Exif\0\0" + exif)
    started = time.thread_time()
    assert not load_photo(data).oriented
    assert time.thread_time() - started < 1


def test_the_first_notes_count():
    first, second = Image.Exif(), Image.Exif()
    first[ORIENTATION], second[ORIENTATION] = 6, 3
    data = encoded(corners(), "JPEG", exif=first.tobytes())
    notes = second.tobytes()
    segment = b"\xff\xe1" + struct.pack(">H", 2 + len(notes)) + notes
    end = 4 + int.from_bytes(data[4:6], "big") if data[3] == 0xE1 else data.index(b"\xff\xdb")
    assert load_photo(data[:end] + segment + data[end:]).height == 48
