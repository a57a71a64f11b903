"""JPEG and PNG files that lack their last bytes are read and marked; one that lacks a large part is refused."""

import io
import zlib

import numpy as np
import pytest
from PIL import Image, ImageFile

from model.output.serialize import analysis_to_dict
from model.output.tables import table_text
from model.photo.load import CorruptPhoto, load_photo
from tests.helpers.photo_files import assert_near, encoded, noise


def smooth(width=320, height=240):
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([rows * 255 // height, columns * 255 // width, 255 - rows * 255 // height], 2)
    return Image.fromarray(pixels.astype(np.uint8))


WAYS = {
    "baseline JPEG": ("JPEG", {"quality": 90}),
    "JPEG without subsampling": ("JPEG", {"quality": 90, "subsampling": 0}),
    "JPEG with restarts": ("JPEG", {"quality": 90, "restart_marker_blocks": 4}),
    "progressive JPEG": ("JPEG", {"quality": 90, "progressive": True}),
    "gray JPEG": ("JPEG", {"quality": 90}),
    "PNG": ("PNG", {}),
}


def written(way, image):
    kind, options = WAYS[way]
    return encoded(image.convert("L") if way.startswith("gray") else image, kind, **options)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("missing", [1, 2, 4, 8, 12, 16, 30])
def test_without_the_last_bytes_it_is_read_and_marked(way, missing):
    whole = load_photo(written(way, smooth()))
    cut = load_photo(written(way, smooth())[:-missing])
    assert cut.truncated
    assert not whole.truncated
    assert cut.pixels.shape == whole.pixels.shape
    # All but the last rows are as they were.
    assert_near(cut.pixels[:200], whole.pixels[:200], 24 if way.startswith("progressive") else 0)


@pytest.mark.parametrize("missing", [2, 40])
def test_an_end_of_zeros_is_none(missing):
    """As rescued from a broken memory card."""
    data = encoded(smooth(), "JPEG", quality=90)
    assert load_photo(data[:-missing] + bytes(missing)).truncated


@pytest.mark.parametrize("way", ["baseline JPEG", "JPEG with restarts", "gray JPEG", "PNG"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.8])
def test_a_large_missing_part_is_refused_and_named(way, share):
    data = written(way, noise(200, 200))
    with pytest.raises(CorruptPhoto, match=r"large part of this (JPEG|PNG) file is missing") as refusal:
        load_photo(data[: int(len(data) * share)])
    assert "again" in refusal.value.message


@pytest.mark.parametrize("way", ["baseline JPEG", "PNG"])
def test_a_twentieth_may_be_missing(way):
    data = written(way, noise(200, 200))
    whole, cut = load_photo(data), load_photo(data[: int(len(data) * 0.95)])
    assert cut.truncated
    assert_near(cut.pixels[:170], whole.pixels[:170], 0)
    assert not np.array_equal(cut.pixels[-4:], whole.pixels[-4:])


def test_a_progressive_jpeg_that_lacks_its_finest_detail_is_read():
    data = encoded(smooth(), "JPEG", quality=90, progressive=True)
    last = data.rindex(b"\xff\xda")
    photo = load_photo(data[: last + 40])
    assert photo.truncated
    assert_near(photo.pixels, smooth(), 40)


def test_a_progressive_jpeg_of_its_first_scans_is_refused():
    data = encoded(noise(200, 200), "JPEG", progressive=True)
    second = data.index(b"\xff\xda", data.index(b"\xff\xda") + 2)
    with pytest.raises(CorruptPhoto, match="large part"):
        load_photo(data[: second + 60])


def test_an_interlaced_png_must_be_whole():
    """Half of its rows come last."""
    header_and_rows = encoded(noise(40, 40))
    start = header_and_rows.index(b"IHDR")
    head = bytearray(header_and_rows[start : start + 17])
    head[16] = 1
    interlaced = (
        header_and_rows[:start]
        + bytes(head)
        + zlib.crc32(bytes(head)).to_bytes(4, "big")
        + header_and_rows[start + 21 :]
    )
    with pytest.raises(CorruptPhoto):
        load_photo(interlaced[:-200])


def test_nothing_of_pillows_is_switched_for_it():
    load_photo(encoded(smooth(), "JPEG")[:-20])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False


def test_what_lies_behind_a_missing_end_is_no_picture():
    """The decoder gets the picture and an end, not what follows."""
    data = encoded(smooth(), "JPEG")
    assert not load_photo(data + b"\xff\xda\0\2" * 100).truncated
    buffer = io.BytesIO(data)
    assert Image.open(buffer).size == (320, 240)


def test_every_output_says_it(recognizer, portrait_jpeg):
    whole, cut = (
        analysis_to_dict("a.jpg", recognizer.analyze(data)) for data in (portrait_jpeg, portrait_jpeg[:-16])
    )
    assert (whole["warnings"], cut["warnings"]) == ([], ["truncated"])
    assert "the end of the file is missing" in table_text(cut)
    assert "the end of the file is missing" not in table_text(whole)
    assert len(cut["faces"]) == 1
