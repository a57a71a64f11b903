"""The memory that decoding takes is estimated from the header; the estimates hold, in every format."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model.photo.load import MAX_DECODE_BYTES
from tests.fuzz import watch
from tests.helpers.photo_files import encoded

ROOT = Path(__file__).resolve().parents[2]
FILES = ROOT / "tests" / "files"
SMALL = FILES / "corners.heic"
WIDTH, HEIGHT = 4032, 3024

pytestmark = pytest.mark.skipif(not watch.RESET.exists(), reason="the peak of the memory is read from /proc")


def gradient(width=WIDTH, height=HEIGHT):
    rows, columns = np.mgrid[0:height, 0:width]
    pixels = np.stack([columns * 255 // width, rows * 255 // height, (rows + columns) % 251], 2)
    return Image.fromarray(pixels.astype(np.uint8))


def measured(path):
    """Return the estimate, the measured peak, both in megabytes, and the size."""
    command = [sys.executable, "-m", "tests.helpers.decode_peak", str(path), str(SMALL)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    estimate, peak, width, height = map(int, done.stdout.split())
    return estimate / 1e6, peak / 1e6, (width, height)


WAYS = {
    "JPEG": ("JPEG", "RGB", {}),
    "gray JPEG": ("JPEG", "L", {}),
    "CMYK JPEG": ("JPEG", "CMYK", {}),
    "progressive JPEG": ("JPEG", "RGB", {"progressive": True}),
    "progressive JPEG, 4:4:4": ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
    "PNG": ("PNG", "RGB", {"compress_level": 1}),
    "PNG with alpha": ("PNG", "RGBA", {"compress_level": 1}),
    "PNG of a palette": ("PNG", "P", {"compress_level": 1}),
    "WebP": ("WEBP", "RGB", {"method": 0}),
    "WebP, lossless": ("WEBP", "RGB", {"method": 0, "lossless": True, "quality": 0}),
    "AVIF": ("AVIF", "RGB", {"speed": 10, "quality": 20}),
    "AVIF, 4:4:4": ("AVIF", "RGB", {"speed": 10, "quality": 20, "subsampling": "4:4:4"}),
    "GIF": ("GIF", "P", {}),
    "BMP": ("BMP", "RGB", {}),
}


def check(path, size):
    estimate, peak, found = measured(path)
    assert found == size
    # An estimate that is too low costs memory, one that is too high refuses photos. 8 MB are the process's own.
    assert peak - 8 <= 1.15 * estimate
    assert estimate <= 1.35 * peak + 8
    return estimate, peak


QUICK = ("JPEG", "progressive JPEG", "PNG", "AVIF")


@pytest.mark.parametrize(
    "way", [way if way in QUICK else pytest.param(way, marks=pytest.mark.long) for way in WAYS]
)
def test_twelve_megapixels_take_what_is_estimated(way, tmp_path):
    kind, mode, options = WAYS[way]
    # An AVIF may have 9 megapixels with all its colours, and 12 otherwise.
    image = gradient(3200, 2400) if way == "AVIF, 4:4:4" else gradient()
    file = tmp_path / "photo"
    file.write_bytes(encoded(image.convert(mode), kind, **options))
    check(file, image.size)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("large", (WIDTH, HEIGHT)),
        ("large_444", (WIDTH, HEIGHT)),
        ("large_deep", (WIDTH, HEIGHT)),
        ("large_alpha", (WIDTH, HEIGHT)),
        ("large_tiles", (HEIGHT, WIDTH)),
    ],
)
def test_heic_takes_what_is_estimated(name, size):
    check(FILES / f"{name}.heic", size)


@pytest.mark.parametrize("size", [(8064, 6048), pytest.param((16_320, 12_240), marks=pytest.mark.long)])
def test_a_baseline_jpeg_of_48_and_of_200_megapixels_is_read_in_little_memory(size, tmp_path):
    file = tmp_path / "photo"
    file.write_bytes(encoded(Image.linear_gradient("L").resize(size).convert("RGB"), "JPEG", quality=50))
    estimate, peak = check(file, size)
    assert max(estimate, peak) < 60
    assert 1e6 * peak < MAX_DECODE_BYTES / 2
