"""HEIC files, as phones write them: read, upright, or left out where that is wanted."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from model.photo import formats
from model.photo.load import CorruptPhoto, UnsupportedFormat, accepted_formats, load_photo
from tests.helpers.photo_files import BLUE, GREEN, RED, WHITE, assert_near, corners, encoded

FILES = Path(__file__).resolve().parents[1] / "files"
# The colours of the four quarters, row by row, as the orientation turns them.
QUARTERS = {
    "corners": (RED, GREEN, BLUE, WHITE),
    "corners_3": (WHITE, BLUE, GREEN, RED),
    "corners_5": (RED, BLUE, GREEN, WHITE),
    "corners_6": (BLUE, RED, WHITE, GREEN),
    "corners_deep": (RED, GREEN, BLUE, WHITE),
    "corners_two": (RED, GREEN, BLUE, WHITE),
    "corners_alpha": (RED, WHITE, BLUE, WHITE),
    "tiles": (RED, GREEN, BLUE, WHITE),
    "tiles_turned": (BLUE, RED, WHITE, GREEN),
}


@pytest.fixture
def left_out() -> Iterator[None]:
    formats.switch_heic(False)
    yield
    formats.switch_heic(True)


@pytest.mark.parametrize("name", QUARTERS)
def test_every_kind_is_read_and_upright(name: str) -> None:
    photo = load_photo(FILES / f"{name}.heic")
    assert photo.format == "HEIC"
    height, width = photo.pixels.shape[:2]
    middles = photo.pixels[height // 4 :: height // 2, width // 4 :: width // 2][:2, :2]
    assert_near(middles.reshape(4, 3), QUARTERS[name], 6)
    assert (width > height) == (name not in ("corners_5", "corners_6", "tiles_turned"))
    assert photo.pixels.flags.c_contiguous


def test_gray_is_gray() -> None:
    pixels = load_photo(FILES / "corners_gray.heic").pixels
    assert np.ptp(pixels, axis=2).max() == 0
    assert pixels[10, 10, 0] == pytest.approx(76, abs=3)


def test_what_its_file_says_of_up_is_known() -> None:
    assert not load_photo(FILES / "corners.heic").oriented
    for name in ("corners_noted", "corners_6", "tiles_turned"):
        assert load_photo(FILES / f"{name}.heic").oriented


def test_its_name_does_not_matter(tmp_path: Path) -> None:
    jpeg, heic = tmp_path / "photo.heic", tmp_path / "photo.jpg"
    jpeg.write_bytes(encoded(corners(), "JPEG"))
    heic.write_bytes((FILES / "corners.heic").read_bytes())
    assert load_photo(jpeg).format == "JPEG"
    assert load_photo(heic).format == "HEIC"


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7, 0.9])
def test_without_its_end_it_is_refused(share: float) -> None:
    data = (FILES / "portrait.heic").read_bytes()
    with pytest.raises(CorruptPhoto, match="HEIC file is damaged"):
        load_photo(data[: int(len(data) * share)])


def test_notes_that_are_damaged_do_not_matter() -> None:
    """The decoder, which crashes on them, is not given any."""
    data = (FILES / "corners_noted.heic").read_bytes()
    start = data.index(b"iloc")
    for place in range(start + 8, start + 60):
        for value in (0, 255):
            damaged = bytearray(data)
            damaged[place] = value
            with contextlib.suppress(CorruptPhoto):
                load_photo(bytes(damaged))


def test_it_can_be_left_out(left_out: None) -> None:
    assert "HEIC" not in accepted_formats()
    with pytest.raises(UnsupportedFormat, match="HEIC photo, as iPhones take them") as refusal:
        load_photo(FILES / "corners.heic")
    assert "Most Compatible" in refusal.value.message
    assert "HEIC" not in formats.format_names()
    assert load_photo(encoded(corners(), "AVIF")).format == "AVIF"


@pytest.mark.parametrize(("value", "read"), [("off", False), ("0", False), ("on", True), ("", True)])
def test_the_environment_leaves_it_out(value: str, read: bool) -> None:
    program = "from model.photo.load import accepted_formats; print('HEIC' in accepted_formats())"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "HEIC": value},
        cwd=FILES.parents[1],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(read)


def test_without_its_decoder_it_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(formats, "_has_decoder", lambda: False)
    with pytest.raises(UnsupportedFormat, match="HEIC"):
        load_photo(FILES / "corners.heic")


def test_a_program_that_reads_none_does_not_load_the_decoder() -> None:
    program = "import sys, model.photo.load; print('pi_heif' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=FILES.parents[1], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
