"""The photos of the benchmark, as JPEG files with the faces that are in them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from model.geometry import Box, Pixels
from tests.helpers import photos as faces_photos

LARGE = 3464  # 12 megapixels.
HEAD: Box = (168.0, 52.0, 106.0, 130.0)  # Where the portrait's face is.
FER_SCENES = 60
GUISE_SIDES, GUISE_LIGHTS, GUISE_LEANS = (200, 400, 800), (0.35, 1.0), (-30, -15, 0, 15, 30)
NO_FACE = ("coffee", "rocket", "chelsea", "retina", "immunohistochemistry", "colorwheel")


@dataclass(frozen=True, slots=True)
class Scene:
    """A file, and the boxes of the faces in it."""

    path: Path
    faces: tuple[Box, ...]
    lying: tuple[Box, ...] = ()  # The same in the photo as it lies, for contenders that do not turn it.


def timed_photos(folder: Path) -> dict[str, Scene]:
    """The photos that are timed."""
    portrait = faces_photos.portrait()
    large = faces_photos.scaled(portrait, LARGE)
    times = LARGE / 512
    group, heads = twenty_faces()
    return {
        "1 face, 512²": _save(folder / "portrait.jpg", portrait, (HEAD,)),
        "the same, 12 Mpx": _save(folder / "large.jpg", large, (_times(HEAD, times),)),
        "20 faces, 1200×1000": _save(folder / "group.jpg", group, heads),
        "no face, 512²": _save(
            folder / "none.jpg", faces_photos.scaled(np.ascontiguousarray(portrait[300:, :212]), 512), ()
        ),
        "24 faces, 12 Mpx": _save(folder / "large-group.jpg", *group_of_24()),
        "portrait on its side, 12 Mpx": _save(folder / "lying.jpg", *lying_portrait()),
    }


def group_of_24() -> tuple[Pixels, tuple[Box, ...]]:
    """A group of 24 as a phone takes it, 4000×3000: three rows of heads, some smaller behind."""
    rng = np.random.default_rng(24)
    head = faces_photos.portrait()[0:250, 110:340]
    noise = rng.integers(60, 160, (3000, 4000, 3)).astype(np.uint8)
    canvas = np.asarray(cv2.GaussianBlur(noise, (0, 0), 3), np.uint8)
    boxes = []
    for number in range(24):
        row, column = divmod(number, 8)
        factor = float(rng.uniform(1.0, 1.3)) * (1.0, 1.2, 1.5)[row]
        one = cv2.resize(head, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)
        one = np.clip(one * rng.uniform(0.7, 1.15), 0, 255).astype(np.uint8)
        top, start = 500 + 650 * row, 30 + 490 * column
        canvas[top : top + one.shape[0], start : start + one.shape[1]] = one
        x, y, width, height = _times((HEAD[0] - 110, HEAD[1], HEAD[2], HEAD[3]), factor)
        boxes.append((start + x, top + y, width, height))
    return canvas, tuple(boxes)


def lying_portrait() -> tuple[Pixels, tuple[Box, ...], tuple[Box, ...]]:
    """A phone's portrait of 3000×4000 whose file does not say that it lies on its side.

    With the face's box in the upright photo, in whose pixels contenders answer that turn it, and as it lies.
    """
    portrait = faces_photos.portrait()[:, 64:448]
    upright = cv2.resize(portrait, (3000, 4000), interpolation=cv2.INTER_CUBIC)
    face = _times((HEAD[0] - 64, HEAD[1], HEAD[2], HEAD[3]), 4000 / 512)
    x, y, width, height = face
    return np.ascontiguousarray(np.rot90(upright)), (face,), ((y, 3000 - x - width, height, width),)


def small_photos(folder: Path) -> list[Scene]:
    """A hundred photos of 320×320 with one face, as somebody sends an album."""
    rng = np.random.default_rng(100)
    scenes = []
    for number in range(100):
        one = faces_photos.turned(
            faces_photos.scaled(faces_photos.portrait(), 320), float(rng.uniform(-12, 12))
        )
        one = np.clip(one * rng.uniform(0.6, 1.2), 0, 255).astype(np.uint8)
        left, width = HEAD[0], HEAD[2]
        if number % 2:
            one, left = faces_photos.mirrored(one), 512 - left - width
        box = _times((left, HEAD[1], width, HEAD[3]), 320 / 512)
        scenes.append(_save(folder / f"album-{number}.jpg", one, (box,)))
    return scenes


def twenty_faces() -> tuple[Pixels, tuple[Box, ...]]:
    """A group of 20: the portrait's head in several sizes, leaning, mirrored, lighter and darker."""
    rng = np.random.default_rng(20)
    head = faces_photos.portrait()[0:250, 110:340]
    canvas = np.full((1000, 1200, 3), 96, np.uint8)
    boxes = []
    for number in range(20):
        row, column = divmod(number, 5)
        factor = float(rng.uniform(0.5, 0.95))
        one = faces_photos.turned(head, float(rng.uniform(-15, 15)))
        one = np.clip(one.astype(np.float32) * rng.uniform(0.6, 1.2), 0, 255).astype(np.uint8)
        left, width = HEAD[0] - 110, HEAD[2]
        if number % 2:
            one, left = faces_photos.mirrored(one), head.shape[1] - left - width
        small = cv2.resize(one, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        top, start = 250 * row, 240 * column
        canvas[top : top + small.shape[0], start : start + small.shape[1]] = small
        boxes.append((start + factor * left, top + factor * HEAD[1], factor * width, factor * HEAD[3]))
    return canvas, tuple(boxes)


def counted_photos(folder: Path, data: Path | None) -> list[Scene]:
    """The photos on which faces are counted: the portrait in many guises, no faces, and FER-2013's in larger photos.

    The last only where the data is at hand: PrivateTest's, 1 to 6 times as large, leaning up to 20°.
    """
    import skimage.data

    scenes = [
        _guise(folder, side, light, lean)
        for side in GUISE_SIDES
        for light in GUISE_LIGHTS
        for lean in GUISE_LEANS
    ]
    for name in NO_FACE:
        pixels = np.ascontiguousarray(getattr(skimage.data, name)()[..., :3])
        scenes.append(_save(folder / f"{name}.jpg", pixels, ()))
    if data is not None:
        from training.data.fer2013 import load_fer2013
        from training.reports.framing import some
        from training.reports.scenes import scenes as placed

        split = some(load_fer2013(data).private_test, FER_SCENES, 11)
        for number, scene in enumerate(placed(split, 11)):
            scenes.append(_save(folder / f"fer-{number}.jpg", scene.pixels, (scene.square,)))
    return scenes


def _guise(folder: Path, side: int, light: float, lean: float) -> Scene:
    """The portrait of ``side`` × ``side`` pixels, darker or not, turned counter-clockwise by ``lean`` degrees."""
    pixels = faces_photos.turned(faces_photos.scaled(faces_photos.portrait(), side), lean)
    x, y, width, height = _times(HEAD, side / 512)
    matrix = cv2.getRotationMatrix2D((side / 2, side / 2), lean, 1)
    middle = matrix @ np.array([x + width / 2, y + height / 2, 1])
    box = (float(middle[0] - width / 2), float(middle[1] - height / 2), width, height)
    dimmed = np.asarray(pixels * light, np.uint8)
    return _save(folder / f"guise-{side}-{light}-{lean}.jpg", dimmed, (box,))


def matched(boxes: list[list[float]], faces: tuple[Box, ...]) -> int:
    """How many faces have a box of their own: its middle near the face's, its height within a factor of 2."""
    left = list(boxes)
    hits = 0
    for x, y, width, height in faces:
        for box in left:
            across = abs(box[0] + box[2] / 2 - x - width / 2) / width
            down = abs(box[1] + box[3] / 2 - y - height / 2) / height
            if across <= 0.3 and down <= 0.3 and 0.5 <= box[3] / height <= 2:
                left.remove(box)
                hits += 1
                break
    return hits


def _save(path: Path, pixels: Pixels, faces: tuple[Box, ...], lying: tuple[Box, ...] = ()) -> Scene:
    Image.fromarray(pixels).save(path, "JPEG", quality=92)
    return Scene(path, faces, lying)


def _times(box: Box, factor: float) -> Box:
    x, y, width, height = (factor * value for value in box)
    return x, y, width, height
