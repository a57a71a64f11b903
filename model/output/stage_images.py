"""The stages of each photo as PNG files, for whoever wants to look at them beside the numbers."""

from __future__ import annotations

import re
from pathlib import Path, PurePath

from PIL import Image

from ..geometry import Pixels
from ..types import Analysis
from .draw import attention_on_crop, boxes_on_photo, mesh_image

# Many file systems allow 255 bytes for a name, and a letter may take four.
MAX_NAME = 50
MESH_SIDE = 512


class StageImageWriter:
    """Writes every photo's stages to a folder of its own inside ``directory``.

    The folder is called after the photo, with a number behind it where two photos share a name.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._taken: set[str] = set()

    def write(self, name: str, analysis: Analysis, model: str = "") -> Path:
        """Write the stages of the photo called ``name`` and return their folder; raises OSError.

        A ``model`` becomes part of the folder's name, where several read the same photo.

        ``photo.png`` is the upright photo with its boxes; each face has ``face-N-crop.png``,
        ``face-N-level.png`` (turned until the eyes are level), ``face-N-input.png`` (what the network sees)
        and, where the model reads eyes and eyebrows or a mesh, the level face they are taken from
        (``face-N-band-level.png``) or the mesh on it (``face-N-mesh.png``); where the network has attention, also
        ``face-N-attention.png``.
        """
        folder = self._directory / self._folder_name(name, model)
        folder.mkdir(parents=True, exist_ok=True)
        photo = analysis.photo
        faces = [reading.face for reading in analysis.faces]
        _save(boxes_on_photo(photo, faces, max_side=max(photo.width, photo.height)), folder / "photo.png")
        for number, reading in enumerate(analysis.faces, start=1):
            if reading.band is not None:
                _save(reading.band.aligned, folder / f"face-{number}-band-level.png")
            if reading.mesh is not None and reading.mesh.found:
                mesh = mesh_image(reading.crop, reading.mesh, side=MESH_SIDE)
                _save(mesh, folder / f"face-{number}-mesh.png")
            attention = reading.prediction.attention
            _save(reading.crop.pixels, folder / f"face-{number}-crop.png")
            _save(reading.crop.aligned, folder / f"face-{number}-level.png")
            _save(reading.network_input, folder / f"face-{number}-input.png")
            if attention is not None:
                overlay = attention_on_crop(reading.crop.aligned, attention)
                _save(overlay, folder / f"face-{number}-attention.png")
        return folder

    def _folder_name(self, name: str, model: str) -> str:
        """Return a harmless name that no earlier photo got, also where case makes no difference."""
        stem = re.sub(r"[^\w.-]+", "_", PurePath(name).stem)[:MAX_NAME].strip("._-") or "photo"
        stem = f"{stem}-{model}" if model else stem
        chosen, number = stem, 1
        while chosen.casefold() in self._taken:
            number += 1
            chosen = f"{stem}-{number}"
        self._taken.add(chosen.casefold())
        return chosen


def _save(pixels: Pixels, path: Path) -> None:
    Image.fromarray(pixels).save(path, "PNG")
