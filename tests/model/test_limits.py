"""Files with too many segments are refused at once, real photos are not."""

from __future__ import annotations

import io
import struct
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.photo import jpeg, png
from model.photo.load import CorruptPhoto, PhotoError, load_photo

SAMPLES = sorted((Path(__file__).resolve().parents[2] / "static" / "samples").glob("*.jpg"))
MEGABYTES = 2_000_000


def encoded(kind: str, **options: object) -> bytes:
    pixels = np.random.default_rng(1).integers(0, 256, (64, 64, 3), np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, kind, **options)
    return buffer.getvalue()


def chunk(kind: bytes, body: bytes = b"") -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def stuffed(part: bytes, whole: bytes, place: int) -> bytes:
    """Return a picture file with megabytes of one part put in at ``place``."""
    return whole[:place] + part * (MEGABYTES // len(part)) + whole[place:]


def repeated_scans(number: int) -> bytes:
    """Return a gray progressive JPEG of 4096×4096 whose empty scans are repeated."""
    huffman = b"\xff\xc4\0\x14%c" + b"\1" + bytes(15) + b"%c"
    frame = b"\xff\xc2" + struct.pack(">HBHHB", 11, 8, 4096, 4096, 1) + b"\1\x11\0"
    first = b"\xff\xda\0\x08\1\1\0\0\0\0" + bytes(512 * 512 // 8)
    # Code 0 is "the next 32,767 blocks are empty"; its 14 further bits say how many more.
    empty = int("0" + "1" * 13 + "0", 2)
    bits = "".join(f"{empty:015b}" for _ in range(9)) + "1"
    scan = b"\xff\xda\0\x08\1\1\0\1\x3f\0" + int(bits, 2).to_bytes(17, "big").replace(b"\xff", b"\xff\0")
    tables = b"\xff\xdb\0\x43\0" + b"\1" * 64 + frame + huffman % (0x00, 0x00) + huffman % (0x10, 0xE0)
    return b"\xff\xd8" + tables + first + scan * number + b"\xff\xd9"


JPEG, PNG = encoded("JPEG"), encoded("PNG")


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(stuffed(b"\xff\xfe\0\2", JPEG, 2), id="JPEG of comments"),
        pytest.param(stuffed(b"\xff\xe1\0\2", JPEG, 2), id="JPEG of notes"),
        pytest.param(stuffed(b"\xff", JPEG, 2), id="JPEG of filling"),
        pytest.param(stuffed(b"\0", JPEG, 20), id="JPEG of nothing"),
        pytest.param(stuffed(b"\xff\xd9", JPEG, 2), id="JPEG of ends"),
        pytest.param(stuffed(b"\xff\xf0\xff\xff" + bytes(65533), JPEG, 2), id="JPEG of unknown segments"),
        pytest.param(stuffed(chunk(b"tEXt", b"a\0"), PNG, 33), id="PNG of texts"),
        pytest.param(stuffed(chunk(b"abCd"), PNG, 33), id="PNG of unknown chunks"),
        pytest.param(stuffed(chunk(b"abCd"), PNG, len(PNG) - 12), id="PNG of chunks behind the picture"),
        pytest.param(stuffed(chunk(b"IDAT"), PNG, len(PNG) - 12), id="PNG of empty data"),
        pytest.param(repeated_scans(1000), id="JPEG of scans"),
    ],
)
def test_endless_parts_are_refused_at_once(content: bytes) -> None:
    """Each took seconds to minutes in Pillow, for a file of eight megabytes."""
    # Of this thread, whatever else the machine does.
    start = time.thread_time()
    with pytest.raises(CorruptPhoto, match="more parts than any photo"):
        load_photo(content)
    assert time.thread_time() - start < 0.5


def test_a_few_scans_are_read() -> None:
    assert load_photo(repeated_scans(10)).pixels.ndim == 3


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda path: path.name)
def test_photos_are_photos(sample: Path) -> None:
    header = jpeg.read_header(sample.read_bytes())
    assert not header.truncated
    assert len(header.content) <= sample.stat().st_size


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True, "quality": 98}),
        ("JPEG", {"restart_marker_blocks": 1}),
        ("JPEG", {"exif": b"Exif\0\0" + JPEG}),
        ("PNG", {}),
    ],
)
def test_every_way_to_write_a_photo_is_short(kind: str, options: dict[str, object]) -> None:
    assert load_photo(encoded(kind, **options)).width == 64


def test_what_follows_the_end_is_not_looked_at() -> None:
    """A phone's moving photo is a JPEG with a film behind it."""
    assert not jpeg.read_header(JPEG + b"\xff\xda\0\2" * 100_000).truncated
    padded = PNG + bytes(1_000_000)
    assert np.array_equal(load_photo(padded).pixels, load_photo(PNG).pixels)


def test_a_png_of_many_large_chunks_is_a_photo() -> None:
    """Some programs write 4 kB at a time; then the number of chunks grows with the file."""
    content = PNG[:33] + chunk(b"IDAT", bytes(4096)) * 5000
    assert png.read_header(content).truncated


@pytest.mark.parametrize("cut", [0, 3, 10, 100, 300])
def test_what_is_cut_off_is_not_called_too_long(cut: int) -> None:
    for content in (JPEG, PNG):
        with pytest.raises(PhotoError) as refusal:
            load_photo(content[:cut])
        assert "more parts" not in refusal.value.message
