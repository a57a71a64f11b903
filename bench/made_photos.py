"""Photos made by code, as many as one likes: the samples, and FER-2013's faces where they are, on canvases."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance

ROOT = Path(__file__).resolve().parent.parent
FER = ROOT.parent / "shared" / "data" / "fer2013.zip"
SIDE = 350  # Pixels of a canvas.
SAMPLES = ("astronaut", "dim", "masked", "turned")


def make_photos(folder: Path, number: int, data: Path = FER, seed: int = 0) -> list[str]:
    """Write so many JPEGs, no two alike, and return their paths. Half of them are FER-2013's faces if it is there."""
    rng = np.random.default_rng(seed)
    samples, faces = list(_samples()), _fer(data, number // 2)
    names = []
    for at in range(number):
        canvas = Image.new("RGB", (SIDE, SIDE), tuple(int(each) for each in rng.integers(60, 200, 3)))
        gray = next(faces, None) if at % 2 else None
        picture = gray or samples[at % len(samples)]
        side = int(rng.integers(150, 300))
        face = picture.resize((side, side), Image.Resampling.BICUBIC)
        face = ImageEnhance.Brightness(face).enhance(float(rng.uniform(0.7, 1.3)))
        x, y = (int(each) for each in rng.integers(0, SIDE - side, 2))
        canvas.paste(face, (x, y))
        path = folder / f"{at // 1000:03}" / f"{at:06}.jpg"
        path.parent.mkdir(exist_ok=True)
        canvas.save(path, quality=90)
        names.append(str(path))
    return names


def _samples() -> Iterator[Image.Image]:
    for name in SAMPLES:
        with Image.open(ROOT / "static" / "samples" / f"{name}.jpg") as sample:
            picture = sample.convert("RGB")
        side = min(picture.size)
        yield picture.crop((0, 0, side, side)).resize((400, 400))


def _fer(data: Path, number: int) -> Iterator[Image.Image]:
    """Yield FER-2013's faces, as many as are needed; none if it is not there as pictures in a zip."""
    if not data.exists():
        return
    with zipfile.ZipFile(data) as archive:
        pictures = sorted(name for name in archive.namelist() if name.endswith(".jpg"))
        for name in pictures[:number]:
            with archive.open(name) as file, Image.open(file) as picture:
                yield picture.convert("RGB")
