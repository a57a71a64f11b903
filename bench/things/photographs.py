"""Photographs without a face that come with scikit-image, scikit-learn and Matplotlib, whole and in parts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import matplotlib
import numpy as np
import skimage.data
import sklearn.datasets
from numpy.typing import NDArray
from PIL import Image

from model.geometry import Pixels

# With people, and so left out: ``astronaut``, ``camera`` and Matplotlib's ``grace_hopper.jpg``.
SKIMAGE = (
    "binary_blobs",
    "brick",
    "cell",
    "chelsea",
    "clock",
    "coffee",
    "coins",
    "colorwheel",
    "grass",
    "gravel",
    "horse",
    "hubble_deep_field",
    "immunohistochemistry",
    "logo",
    "microaneurysms",
    "moon",
    "page",
    "retina",
    "rocket",
    "shepp_logan_phantom",
    "text",
)
SKLEARN = ("china.jpg", "flower.jpg")
MATPLOTLIB = ("logo2.png", "Minduka_Present_Blue_Pack.png")
PATCHES = range(100, 200, 4)  # Of ``lfw_subset``: parts of photos without a face, 25×25 pixels.
PARTS = 4  # Quarters of each photograph that is large enough, …
MIN_PART = 150  # … in pixels of its shorter side.


def photographs() -> Iterator[tuple[str, Pixels]]:
    """Each picture's name and pixels, RGB uint8 (height, width, 3)."""
    for name, pixels in _whole():
        yield name, pixels
        height, width = pixels.shape[0] // 2, pixels.shape[1] // 2
        if min(height, width) >= MIN_PART:
            for part in range(PARTS):
                top, left = height * (part // 2), width * (part % 2)
                piece = pixels[top : top + height, left : left + width]
                yield f"{name}, part {part + 1}", np.ascontiguousarray(piece)
    patches = skimage.data.lfw_subset()  # type: ignore[no-untyped-call]  # scikit-image states no types
    for place in PATCHES:
        large = Image.fromarray(_rgb(patches[place])).resize((200, 200), Image.Resampling.BICUBIC)
        yield f"lfw_subset {place}", np.asarray(large, np.uint8)


def _whole() -> Iterator[tuple[str, Pixels]]:
    for name in SKIMAGE:
        given = {"rng": 0} if name == "binary_blobs" else {}
        yield name, _rgb(getattr(skimage.data, name)(**given))
    for name in SKLEARN:
        yield name, _rgb(sklearn.datasets.load_sample_image(name))
    for name in MATPLOTLIB:
        path = Path(matplotlib.get_data_path()) / "sample_data" / name
        with Image.open(path) as image:
            drawn = image.convert("RGBA")
        white = Image.new("RGBA", drawn.size, "white")
        yield name, np.asarray(Image.alpha_composite(white, drawn).convert("RGB"))


def _rgb(picture: NDArray[np.generic]) -> Pixels:
    """Any gray, boolean, real or RGBA picture as RGB uint8."""
    if picture.dtype != np.uint8:
        real = np.asarray(picture, np.float64)
        picture = np.asarray(255 * real / max(float(real.max()), 1.0 if real.max() <= 1 else 255.0), np.uint8)
    if picture.ndim == 2:
        picture = np.repeat(picture[..., None], 3, axis=2)
    return np.ascontiguousarray(picture[..., :3], np.uint8)
