"""Photos with faces for the tests: one portrait in many variants, and enlarged FER-2013 images."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
FER2013 = Path(__file__).resolve().parents[3] / "shared" / "data" / "fer2013.zip"


def portrait() -> Pixels:
    """NASA's public-domain portrait of Eileen Collins, 512×512, one face."""
    astronaut = skimage.data.astronaut()  # type: ignore[no-untyped-call]  # scikit-image states no types
    return np.ascontiguousarray(astronaut[..., :3])


def scaled(photo: Pixels, side: int) -> Pixels:
    how = cv2.INTER_AREA if side < photo.shape[0] else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(photo, (side, side), interpolation=how), dtype=np.uint8)


def turned(photo: Pixels, degrees: float) -> Pixels:
    height, width = photo.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1)
    return np.asarray(cv2.warpAffine(photo, matrix, (width, height), borderMode=cv2.BORDER_REFLECT), np.uint8)


def mirrored(photo: Pixels) -> Pixels:
    return np.ascontiguousarray(photo[:, ::-1])


def collage() -> Pixels:
    """Four faces of about the same size, 1,024×1,024."""
    photo = portrait()
    upper = np.hstack([photo, turned(photo, 15)])
    return np.vstack([upper, np.hstack([mirrored(photo), turned(photo, -15)])])


def crowd() -> Pixels:
    """Twelve faces from 18 to 140 pixels wide on gray."""
    head = portrait()[0:260, 120:340]
    canvas = np.full((820, 1000, 3), 90, np.uint8)
    left = 0
    for width in (40, 70, 110, 160, 220, 300):
        small = cv2.resize(head, (width, width * 260 // 220), interpolation=cv2.INTER_AREA)
        for top, one in ((50, small), (450, small[:, ::-1])):
            canvas[top : top + small.shape[0], left : left + width] = one
        left += width + 10
    return canvas


PHOTOS: dict[str, Callable[[], Pixels]] = {
    "portrait": portrait,
    "small": lambda: scaled(portrait(), 200),
    "1024": lambda: scaled(portrait(), 1024),
    "mirrored": lambda: mirrored(portrait()),
    "dim": lambda: (portrait() * 0.35).astype(np.uint8),
    "gray": lambda: np.repeat(portrait().mean(axis=2, keepdims=True).astype(np.uint8), 3, axis=2),
    "turned left": lambda: turned(portrait(), 15),
    "turned right": lambda: turned(portrait(), -15),
    "wide": lambda: np.ascontiguousarray(portrait()[:300, :]),
    "collage": collage,
    "crowd": crowd,
}


def fer_faces(count: int, seed: int, split: str = "train") -> list[Pixels]:
    """Return FER-2013 images as RGB 48×48."""
    with zipfile.ZipFile(FER2013) as archive:
        names = [n for n in archive.namelist() if split in n.lower() and n.lower().endswith((".jpg", ".png"))]
        chosen = np.random.default_rng(seed).choice(sorted(names), count, replace=False)
        return [np.array(Image.open(io.BytesIO(archive.read(n))).convert("RGB")) for n in chosen]


def fer_canvas(seed: int) -> Pixels:
    """Sixteen FER-2013 images, enlarged four times, on a gray canvas of 900×900."""
    canvas = np.full((900, 900, 3), 128, np.uint8)
    for index, face in enumerate(fer_faces(16, seed)):
        top, left = 16 + index // 4 * 220, 16 + index % 4 * 220
        canvas[top : top + 192, left : left + 192] = scaled(face, 192)
    return canvas
