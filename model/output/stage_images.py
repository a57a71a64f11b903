"""Write the stages of each photo as PNG files."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from PIL import Image

from ..geometry import Pixels
from ..types import Analysis
from .draw import attention_on_crop, boxes_on_photo, mesh_image

MAX_NAME = 50  # Characters: many file systems allow 255 bytes for a name, and a letter may take four.
MESH_SIDE = 512  # Pixels of the picture with the mesh.
# Names reserved for devices on Windows, with any extension.
DEVICE = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class UniqueNames:
    """Names of files made from the names of photos, each given out once."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def of(self, name: str, model: str) -> str:
        """Return a safe name that no earlier photo has, even on a file system that ignores case."""
        stem = re.sub(r"[^\w.-]+", "_", PurePath(name).stem)[:MAX_NAME].strip("._-") or "photo"
        stem = f"_{stem}" if DEVICE.match(stem) else stem
        stem = f"{stem}-{model}" if model else stem
        chosen, number = stem, 1
        while chosen.casefold() in self._taken:
            number += 1
            chosen = f"{stem}-{number}"
        self._taken.add(chosen.casefold())
        return chosen


class StageImageWriter:
    """Writes the stages of each photo to a folder inside ``directory``.

    The folder has the photo's name, with a number appended if two photos share one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._names = UniqueNames()

    def write(self, name: str, analysis: Analysis, model: str = "") -> Path:
        """Write the stages of the photo called ``name`` and return their folder. Raises OSError.

        If several models classify the same photo, ``model`` is appended to the folder's name. The files are:

        - ``photo.png``: the upright photo with the boxes;
        - ``face-N-crop.png``, and ``face-N-level.png``, the same with the eyes level;
        - ``face-N-input.png``: the network input;
        - ``face-N-band-level.png``: the aligned face with the band, if the model takes that;
        - ``face-N-mesh.png``: the mesh on the crop, if the model takes mesh points and one was found;
        - ``face-N-attention.png``, if the network has an attention block.
        """
        folder = self._directory / self._names.of(name, model)
        folder.mkdir(parents=True, exist_ok=True)
        photo = analysis.photo
        faces = [reading.face for reading in analysis.faces]
        save_png(boxes_on_photo(photo, faces, max_side=max(photo.width, photo.height)), folder / "photo.png")
        for number, reading in enumerate(analysis.faces, start=1):
            if reading.band is not None:
                save_png(reading.band.aligned, folder / f"face-{number}-band-level.png")
            if reading.mesh is not None and reading.mesh.found:
                mesh = mesh_image(reading.crop, reading.mesh, side=MESH_SIDE)
                save_png(mesh, folder / f"face-{number}-mesh.png")
            attention = reading.prediction.attention
            save_png(reading.crop.pixels, folder / f"face-{number}-crop.png")
            save_png(reading.crop.aligned, folder / f"face-{number}-level.png")
            save_png(reading.network_input, folder / f"face-{number}-input.png")
            if attention is not None:
                overlay = attention_on_crop(reading.crop.aligned, attention)
                save_png(overlay, folder / f"face-{number}-attention.png")
        return folder


def save_png(pixels: Pixels, path: Path) -> None:
    """Write RGB or gray pixels as a PNG file. Raises OSError."""
    Image.fromarray(pixels).save(path, "PNG")
