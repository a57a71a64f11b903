"""From a 48-pixel image to the network's input: region, size, and random augmentation in training.

Inputs without augmentation come from the functions that serve a photo (``model.faces.crop``, ``model.faces.eye_band``).
Augmented ones take the same region, in one warp with the random change.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.classifier import standardise
from model.faces.crop import preprocess
from model.faces.eye_band import band_cut, eye_band
from model.geometry import AffineCrop, Pixels
from model.store.files import SAVED, read_mesh
from model.store.metadata import PointScale
from model.types import BandGeometry
from training.configs.schema import InputConfig, TrainConfig
from training.data.annotations import require_landmarks, require_masked_copies, require_mesh
from training.data.augment import Matrix, augment_pixels, random_warp, warp
from training.data.fer2013 import Split
from training.data.landmarks import as_face
from training.data.mesh_points import move_points

Floats = NDArray[np.float32]
NetworkInput = Floats | dict[str, Floats]


class Inputs:
    """The network inputs of one split; ``load_sample`` gives one of them, with or without augmentation.

    ``scale`` is the training split's (``training.data.mesh_points``), where the network reads face points. Raises
    ValueError where the split lacks what the configuration needs.
    """

    def __init__(self, split: Split, config: TrainConfig, scale: PointScale | None = None) -> None:
        self.split, self.config, self.scale = split, config, scale
        described = config.input
        self.geometry = band_of(described)
        self.size = (described.width, described.height)
        # Placing a band takes longer than cutting it, and it is the same in every epoch.
        self._cuts: dict[tuple[int, int | None], tuple[AffineCrop, Matrix]] = {}
        if self.geometry:
            require_landmarks(split)
        if described.points:
            require_mesh(split)
            if config.masked_fraction:
                raise ValueError(
                    "face points are those of the uncovered face: none can be learned under a mask"
                )
            self.mirror = face_mirror()

    def __len__(self) -> int:
        return len(self.split)

    def load_sample(self, index: int, rng: np.random.Generator | None = None) -> tuple[Pixels, Floats | None]:
        """Gray uint8 (height, width) of one image and its face points (n, 3), if the network reads them.

        With ``rng`` the sample is randomly augmented: masked with probability ``config.masked_fraction``, then changed
        as ``config.augment`` says.
        """
        points = require_mesh(self.split)[index] if self.config.input.points else None
        if rng is None:
            return self._load(index), points
        part, place = self._locate(index, self._mask(rng))
        width, height = self.size
        change = random_warp(self.config.augment, height, width, rng)
        pixels = augment_pixels(warp(part, combined(change, place), self.size), self.config.augment, rng)
        return pixels, None if points is None else move_points(points, change, self.size, self.mirror)

    def batch(self, chosen: NDArray[np.int64], rng: np.random.Generator | None = None) -> NetworkInput:
        """What the network takes of the chosen images: pixels 0…255, float32 (b, height, width, channels).

        With face points a dictionary: ``pixels``, and ``points`` standardised, float32 (b, 3 · points).
        """
        rendered = [self.load_sample(int(i), rng) for i in chosen]
        pixels = as_pixels(np.stack([image for image, _ in rendered]), self.config.input.channels)
        points = [marks for _, marks in rendered if marks is not None]
        if self.scale is None or not points:
            return pixels
        return {"pixels": pixels, "points": standardise(np.stack(points), self.scale)}

    def _load(self, index: int) -> Pixels:
        image = self.split.images[index]
        if self.geometry is None:
            return preprocess(image, self.size[0])
        return eye_band(image, as_face(require_landmarks(self.split)[index]), self.geometry).pixels

    def _mask(self, rng: np.random.Generator) -> int | None:
        """Which masked copy to take; None is the image itself."""
        if not self.config.masked_fraction or rng.random() >= self.config.masked_fraction:
            return None
        return int(rng.integers(require_masked_copies(self.split)[0].shape[1]))

    def _locate(self, index: int, copy: int | None) -> tuple[Pixels, Matrix]:
        """The part of the image or of its copy that is needed, and the 2×3 matrix from its pixels to the input's."""
        image = (
            self.split.images[index] if copy is None else require_masked_copies(self.split)[0][index, copy]
        )
        if self.geometry is None:
            across, down = self.size[0] / image.shape[1], self.size[1] / image.shape[0]
            # Corner to corner: a pixel's place is its centre.
            return image, np.array([[across, 0, (across - 1) / 2], [0, down, (down - 1) / 2]])
        if (index, copy) not in self._cuts:
            landmarks = (
                require_landmarks(self.split)[index]
                if copy is None
                else require_masked_copies(self.split)[1][index, copy]
            )
            rows, columns = image.shape
            cut = band_cut(rows, columns, as_face(landmarks), self.geometry)
            self._cuts[index, copy] = cut, inverse(cut.matrix)
        cut, place = self._cuts[index, copy]
        return cut.part(image), place


def band_of(described: InputConfig) -> BandGeometry | None:
    """The band that the network reads, or None for the whole face; raises ValueError for a size it cannot have."""
    if described.region == "face":
        return None
    geometry = BandGeometry(columns=described.width)
    if (geometry.columns, geometry.rows) != (described.width, described.height):
        raise ValueError(f"the band is {geometry.columns}×{geometry.rows}, not as high as {described.height}")
    if described.points:
        raise ValueError("face points lie in the whole face: the band has none")
    return geometry


def face_mirror() -> NDArray[np.int64]:
    """Each of the 468 points' index on the other side of the face."""
    return read_mesh(SAVED / "face_mesh").topology.mirror


def combined(second: Matrix, first: Matrix) -> Matrix:
    """The 2×3 matrix that does ``first``, then ``second``."""
    return second @ np.vstack([first, [0.0, 0.0, 1.0]])


def inverse(matrix: Matrix) -> Matrix:
    """The 2×3 matrix that undoes this one."""
    turn = np.linalg.inv(matrix[:, :2])
    return np.column_stack([turn, -turn @ matrix[:, 2]])


def as_pixels(images: Pixels, channels: int = 1) -> Floats:
    """Gray uint8 (n, h, w) → the network's input, float32 (n, h, w, channels), still 0…255."""
    pixels = images.astype(np.float32)[..., np.newaxis]
    return pixels if channels == 1 else np.repeat(pixels, channels, axis=-1)
