"""Valid photos in every mode, size and variant that Pillow or ``tests.fuzz.png`` writes."""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from tests.fuzz import png

PORTRAIT = Path(__file__).resolve().parents[2] / "static" / "samples" / "astronaut.jpg"
# Nothing here writes HEIC, so these are files.
HEIC_FILES = sorted((Path(__file__).resolve().parents[1] / "files").glob("*.heic"))
HEIC = [path for path in HEIC_FILES if not path.stem.startswith("large")]
LARGE_HEIC = next(path for path in HEIC_FILES if path.stem == "large_tiles")
FACE = (150, 20, 310, 180)

# What may become of a file.
READ, EMPTY, CORRUPT, FOREIGN, PIXELS, BYTES = "read", "empty", "corrupt", "foreign", "pixels", "bytes"
Outcomes = frozenset[str]


@dataclass(frozen=True, slots=True)
class File:
    """The bytes of an upload, and what the site may make of them."""

    content: bytes
    outcomes: Outcomes


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    """Return ``image`` as a file of ``kind``."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def noise(rng: Random, width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Return a picture of noise; of 16-bit gray for the mode "I;16"."""
    if mode == "I;16":
        deep = np.frombuffer(rng.randbytes(2 * width * height), np.uint16).reshape(height, width)
        return Image.fromarray(deep)
    pixels = np.frombuffer(rng.randbytes(3 * width * height), np.uint8).reshape(height, width, 3)
    return Image.fromarray(pixels).convert(mode)


@functools.cache
def head() -> Image.Image:
    """Return the portrait's head, 160 × 160."""
    return Image.open(PORTRAIT).crop(FACE)


def scene(rng: Random) -> Image.Image:
    """Return a small picture: mostly noise, sometimes a face so that all stages are walked."""
    if rng.random() < 0.15:
        side = rng.randint(64, 128)
        return head().resize((side, side))
    return noise(rng, rng.randint(1, 64), rng.randint(1, 64))


def photo(rng: Random) -> bytes:
    """Return a whole photo in one of the three formats that most photos have; ``phone_photo`` has the others."""
    return rng.choice((jpeg, webp, png_file))(rng)


def jpeg(rng: Random) -> bytes:
    """Return a JPEG: gray, RGB or CMYK, baseline or progressive, any sampling and quality."""
    image = scene(rng).convert(rng.choice(("L", "RGB", "RGB", "CMYK")))
    options: dict[str, object] = {"quality": rng.randint(1, 100), "subsampling": rng.randrange(3)}
    if rng.random() < 0.3:
        options["restart_marker_blocks"] = rng.randint(1, 9)
    if rng.random() < 0.3:
        options["progressive"] = True
    # Pillow reserves too little for a progressive picture with much beside it.
    elif rng.random() < 0.2:
        options["comment"] = rng.randbytes(rng.randint(1, 500))
    elif rng.random() < 0.2:
        options["icc_profile"] = rng.randbytes(rng.randint(1, 70_000))
    return encoded(image, "JPEG", **options)


def webp(rng: Random) -> bytes:
    """Return a WebP, lossy or lossless, with alpha or not."""
    image = scene(rng).convert(rng.choice(("RGB", "RGBA", "L")))
    if image.mode == "RGBA":
        image.putalpha(rng.randrange(256))
    return encoded(
        image, "WEBP", lossless=rng.random() < 0.5, quality=rng.randint(0, 100), method=rng.randrange(3)
    )


def png_file(rng: Random) -> bytes:
    """Return a PNG in one of Pillow's modes."""
    image = scene(rng)
    mode = rng.choice(("1", "L", "LA", "P", "RGB", "RGBA", "I;16"))
    image = noise(rng, *image.size, "I;16") if mode == "I;16" else image.convert(mode)
    return encoded(image, "PNG", compress_level=1)


def phone_photo(rng: Random) -> bytes:
    """Return a whole HEIC, AVIF, GIF or BMP file."""
    kind = rng.choice(("HEIC", "HEIC", "AVIF", "AVIF", "GIF", "BMP"))
    if kind == "HEIC":
        return rng.choice(HEIC).read_bytes()
    image = scene(rng)
    if kind == "AVIF":
        image = image.convert(rng.choice(("RGB", "RGBA")))
        subsampling = rng.choice(("4:2:0", "4:2:2", "4:4:4", "4:0:0"))
        return encoded(image, kind, quality=rng.randint(1, 100), speed=10, subsampling=subsampling)
    return encoded(image.convert(rng.choice(("1", "L", "P", "RGB"))), kind)


def formats(rng: Random) -> File:
    """HEIC, AVIF, GIF and BMP in the kinds that there are."""
    return File(phone_photo(rng), frozenset({READ}))


def modes(rng: Random) -> File:
    """Every mode that the three formats know."""
    if rng.random() < 0.5:
        return File(png.random_picture(rng, rng.randint(1, 40), rng.randint(1, 40)), frozenset({READ}))
    return File(photo(rng), frozenset({READ}))


def sizes(rng: Random) -> File:
    """From 1 × 1 to a single row of 20,000 pixels."""
    long = rng.choice((1, 2, 7, 8, 9, 4_096, 16_383, 20_000, rng.randint(1, 20_000)))
    short = rng.choice((1, 1, 1, 2, 3)) if long > 500 else rng.randint(1, 20)
    size = (long, short) if rng.random() < 0.5 else (short, long)
    kind = rng.choice(("PNG", "JPEG", "WEBP" if long <= 16_383 else "JPEG"))
    return File(encoded(noise(rng, *size), kind), frozenset({READ}))


def exif(rng: Random) -> File:
    """Notes about orientation that are right, senseless or no notes at all."""
    if rng.random() < 0.4:
        notes = Image.Exif()
        notes[0x0112] = rng.choice((*range(10), 65535))
        content = notes.tobytes()
    else:
        order = rng.choice((b"II*\0", b"MM\0*"))
        first = rng.choice((b"\x08\0\0\0", b"\0\0\0\x08", rng.randbytes(4)))
        tag = rng.choice((b"\x12\x01", b"\x01\x12", b"\x69\x87", rng.randbytes(2)))
        content = b"Exif\0\0" + order + first + rng.randbytes(2) + tag + rng.randbytes(rng.randrange(60))
    kind = rng.choice(("JPEG", "PNG", "WEBP"))
    return File(encoded(scene(rng), kind, exif=content), frozenset({READ}))


def animation(rng: Random) -> File:
    """Ten frames, of which the first is read."""
    width, height = rng.randint(1, 32), rng.randint(1, 32)
    first, *others = [noise(rng, width, height) for _ in range(10)]
    kind = rng.choice(("GIF", "PNG", "WEBP"))
    content = encoded(first, kind, save_all=True, append_images=others, duration=20, loop=0)
    return File(content, frozenset({READ}))
