"""Write the stages of each photo as PNG files."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePath

import numpy as np
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ..geometry import Pixels
from ..types import Analysis, FaceResult
from .draw import attention_on_crop, boxes_on_photo, mesh_image

MAX_NAME = 50  # Characters: many file systems allow 255 bytes for a name, and a letter may take four.
OWNER = "Photo"  # The key of a PNG's text that says which photo it is of.
MESH_SIDE = 512  # Pixels of the picture with the mesh.
# Names reserved for devices on Windows, with any extension.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UniqueNames:
    """Names of files in a folder made from the names of photos, each given to one photo for ever.

    A picture that is written says in its metadata whose it is (``owner_of``), so that a later run finds its own
    pictures and leaves those of others.
    """

    def __init__(self, found: Callable[[str], Iterable[Path]] = lambda name: ()) -> None:
        """``found`` gives the pictures that a name stands for already."""
        self._found = found
        self._taken: set[str] = set()

    def of(self, name: str, model: str, owner: str = "") -> str:
        """Return a safe name that no other photo has, even on a file system that ignores case."""
        stem = re.sub(r"[^\w.-]+", "_", PurePath(name).stem)[:MAX_NAME].strip("._-") or "photo"
        stem = f"_{stem}" if DEVICE.match(stem) else stem
        stem = f"{stem}-{model}" if model else stem
        chosen, number = stem, 1
        while chosen.casefold() in self._taken or any(
            _owner(picture) != owner for picture in self._found(chosen)
        ):
            number += 1
            chosen = f"{stem}-{number}"
        self._taken.add(chosen.casefold())
        return chosen


def owner_of(photo: str | bytes | Pixels) -> str:
    """Return what a picture says of the photo that it is of: a hash of its whole path, or of what it is made of."""
    if isinstance(photo, np.ndarray):
        photo = photo.tobytes()
    elif isinstance(photo, str):
        photo = os.path.abspath(photo).encode("utf-8", "surrogateescape")  # noqa: PTH100  # no file is touched
    return hashlib.sha256(photo).hexdigest()[:16]


def _owner(picture: Path) -> str | None:
    """Return whose picture a file is; None for one that is not of ours."""
    try:
        with Image.open(picture) as image:
            return image.info.get(OWNER)
    except (OSError, ValueError):
        return None


class StageImageWriter:
    """Writes the stages of each photo to a folder inside ``directory``.

    The folder has the photo's name, with a number appended if two photos share one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = UniqueNames(lambda folder: sorted((directory / folder).glob("*.png"))[-1:])

    def reserve(self, name: str, owner: str, model: str = "") -> Path:
        """Return the folder for the stages of the photo called ``name``, for ``write_stages``.

        If several models classify the same photo, ``model`` is appended to the folder's name.
        """
        return self._directory / self._names.of(name, model, owner)

    def write(self, name: str, analysis: Analysis, model: str = "", owner: str | None = None) -> Path:
        """Write the stages of the photo called ``name`` and return their folder. Raises OSError.

        ``owner`` is ``owner_of`` the photo; None: of its pixels.
        """
        owner = owner_of(analysis.photo.pixels) if owner is None else owner
        folder = self.reserve(name, owner, model)
        write_stages(folder, owner, analysis)
        return folder


def write_stages(folder: Path, owner: str, analysis: Analysis) -> None:
    """Write the stages of one photo, making the folder. Raises OSError.

    The files are:

    - ``photo.png``: the upright photo with the boxes;
    - ``face-N-crop.png``, and ``face-N-level.png``, the same with the eyes level;
    - ``face-N-input.png``: the network input;
    - ``face-N-band-level.png``: the aligned face with the band, if the model takes that;
    - ``face-N-mesh.png``: the mesh on the crop, if the model takes mesh points and one was found;
    - ``face-N-attention.png``, if the network has an attention block.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for earlier in folder.glob("face-*.png"):
        # Of this very photo: perhaps more faces were found then, or other stages written.
        earlier.unlink()
    photo = analysis.photo
    faces = [reading.face for reading in analysis.faces]
    numbers = [reading.number for reading in analysis.faces]
    side = max(photo.width, photo.height)
    save_png(boxes_on_photo(photo, faces, max_side=side, numbers=numbers), folder / "photo.png", owner)
    for reading in analysis.faces:
        for stage, pixels in _stages(reading):
            save_png(pixels, folder / f"face-{reading.number}-{stage}.png", owner)


def _stages(reading: FaceResult) -> Iterator[tuple[str, Pixels]]:
    """Yield the name and the picture of each stage of a face."""
    if reading.band is not None:
        yield "band-level", reading.band.aligned
    if reading.mesh is not None and reading.mesh.found:
        yield "mesh", mesh_image(reading.crop, reading.mesh, side=MESH_SIDE)
    yield "crop", reading.crop.pixels
    yield "level", reading.crop.aligned
    yield "input", reading.network_input
    attention = reading.prediction.attention
    if attention is not None:
        yield "attention", attention_on_crop(reading.crop.aligned, attention)


def save_png(pixels: Pixels, path: Path, owner: str) -> None:
    """Write RGB or gray pixels as a PNG file that says whose it is (``owner_of``). Raises OSError."""
    said = PngInfo()
    said.add_text(OWNER, owner)
    Image.fromarray(pixels).save(path, "PNG", pnginfo=said)
