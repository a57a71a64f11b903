"""Expression classifier: network inputs → logits, probabilities, an attention map, and perhaps "covered"."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .faces.crop import enlarge
from .faces.mesh_points import enlarged, mirrored
from .geometry import Pixels
from .store.files import MODEL_FILE, SavedModelError, read_verified
from .store.metadata import Metadata, PointScale
from .store.session import Session, open_session
from .types import Prediction

Floats = NDArray[np.float32]
COVERED = "covered"  # The output's name, (n,) or (n, 1).
MAX_BATCH = 8  # Images of one call; more are slower in total, and memory grows with each.


class Classifier:
    """One saved model, loaded and verified. Stateless between calls, so safe for threads."""

    def __init__(self, metadata: Metadata, session: Session) -> None:
        self.metadata = metadata
        self._session = session
        self._input = session.get_inputs()[0].name
        names = [output.name for output in session.get_outputs()]
        self._covered = names.index(COVERED) if COVERED in names else None
        others = [place for place in range(1, len(names)) if place != self._covered]
        self._attention = others[0] if others else None

    @classmethod
    def load(cls, directory: Path, *, threads: int | None = None) -> Classifier:
        """Load ``directory``'s metadata.json and model.onnx.

        Raises SavedModelError if a file is missing, altered (sha256), or does not match the metadata.
        """
        metadata = Metadata.load(directory)

        def read() -> bytes:
            return read_verified(directory, MODEL_FILE, metadata.sha256[MODEL_FILE])

        content = read()
        try:
            session = open_session(content, threads=threads, again=read)
        except Exception as error:  # ONNX Runtime's own exceptions have no public base class.
            raise SavedModelError(
                f"{directory / MODEL_FILE} is not a network that can be run: {error}"
            ) from error
        taken = [given.shape[1:] for given in session.get_inputs()]
        named = {output.name: output.shape[-1] for output in session.get_outputs()}
        outputs = list(named.values())
        if (
            taken != _described(metadata)
            or outputs[:1] != [len(metadata.labels)]
            or len(outputs) - (COVERED in named) not in (1, 2)
            or (COVERED in named) != (metadata.covered_threshold is not None)
        ):
            raise SavedModelError(
                f"{directory / MODEL_FILE} takes {taken} and gives {outputs}: not as described."
            )
        return cls(metadata, session)

    def classify(
        self, inputs: Pixels, points: Floats | None = None, mirror: NDArray[np.int64] | None = None
    ) -> tuple[Prediction, ...]:
        """Classify network inputs, gray uint8 (n, height, width); n = 0 gives an empty tuple.

        A network with mesh points also needs ``points``, float32 (n, points, 3) normalized to the crop (see
        ``model.faces.mesh_points``; NaN if no mesh was found: replaced by the mean), and ``mirror``, each point's index
        on the other side. Logits are averaged over the metadata's zooms and, with ``tta_flip``, their mirror images;
        attention maps are those of zoom 1. Raises ValueError for another shape or type.
        """
        shape = self.metadata.input
        if inputs.dtype != np.uint8 or inputs.ndim != 3 or inputs.shape[1:] != (shape.height, shape.width):
            raise ValueError(
                f"expected uint8 (n, {shape.height}, {shape.width}), got {inputs.dtype} {inputs.shape}"
            )
        if shape.points and (
            points is None or mirror is None or points.shape != (len(inputs), shape.points, 3)
        ):
            raise ValueError(f"expected {shape.points} points for each face, and their mirror")
        if len(inputs) == 0:
            return ()
        faces = _Batch(inputs, points if shape.points else None, mirror)
        batch = max(1, MAX_BATCH // (len(self.metadata.tta_zooms) * (1 + self.metadata.tta_flip)))
        parts = [self._run(faces.slice(start, batch)) for start in range(0, len(inputs), batch)]
        logits = np.concatenate([part[0] for part in parts])
        attention, covered = (_joined([part[place] for part in parts]) for place in (1, 2))
        probabilities = softmax(np.asarray(logits / self.metadata.temperature, np.float32))
        return tuple(
            Prediction(
                labels=self.metadata.labels,
                logits=logits[i],
                probabilities=probabilities[i],
                attention=None if attention is None else attention[i],
                threshold=self.metadata.confidence_threshold,
                covered=None if covered is None else float(covered[i]),
                covered_threshold=self.metadata.covered_threshold,
                target=self.metadata.target,
            )
            for i in range(len(inputs))
        )

    def with_one_view(self, *, mirror: bool = False) -> Classifier:
        """The same network without zooms, reading each face as it is; with ``mirror``, its mirror image, too."""
        metadata = replace(self.metadata, tta_zooms=(1.0,), tta_flip=mirror)
        return Classifier(metadata, self._session)

    def _run(self, faces: _Batch) -> _Outputs:
        """Return logits (n, classes), attention (n, rows, columns) and covered (n,), averaged over the views."""
        count = len(faces.pixels)
        views = [faces.at_zoom(zoom) for zoom in self.metadata.tta_zooms]
        if self.metadata.tta_flip:
            views = [each for view in views for each in (view, view.mirrored())]
        results: list[Floats] = self._session.run(None, self._feed(_Batch.concat(views)))
        logits = results[0].reshape(len(views), count, -1).mean(axis=0)
        attention = covered = None
        if self._attention is not None:
            maps = results[self._attention][..., 0]
            flipped = maps[count : 2 * count, :, ::-1] if self.metadata.tta_flip else maps[:count]
            attention = np.asarray((maps[:count] + flipped) / 2, np.float32)
        if self._covered is not None:
            covered = results[self._covered].reshape(len(views), count).mean(axis=0)
        return logits, attention, covered

    def _feed(self, faces: _Batch) -> dict[str, Floats]:
        pixels = faces.pixels.astype(np.float32)[..., np.newaxis]
        if self.metadata.input.channels > 1:
            pixels = np.repeat(pixels, self.metadata.input.channels, axis=-1)
        scale = self.metadata.points
        if scale is None or faces.points is None:
            return {self._input: pixels}
        return {"pixels": pixels, "points": standardise(faces.points, scale)}


_Outputs = tuple[Floats, Floats | None, Floats | None]


@dataclass(frozen=True, slots=True, eq=False)
class _Batch:
    """The inputs of some faces, before pixels are made float and points standardized."""

    pixels: Pixels  # Gray uint8 (n, height, width).
    points: Floats | None  # float32 (n, points, 3), normalized to the crop.
    mirror: NDArray[np.int64] | None  # (points,): each point's index on the other side.

    def slice(self, start: int, count: int) -> _Batch:
        end = start + count
        points = None if self.points is None else self.points[start:end]
        return _Batch(self.pixels[start:end], points, self.mirror)

    def at_zoom(self, zoom: float) -> _Batch:
        if zoom == 1:
            return self
        points = None if self.points is None else enlarged(self.points, zoom)
        return _Batch(enlarge(self.pixels, zoom), points, self.mirror)

    def mirrored(self) -> _Batch:
        points = self.points
        if points is not None and self.mirror is not None:
            points = mirrored(points, self.mirror)
        return _Batch(self.pixels[:, :, ::-1], points, self.mirror)

    @staticmethod
    def concat(views: list[_Batch]) -> _Batch:
        """Concatenate the views to one batch, view after view."""
        points = [view.points for view in views if view.points is not None]
        return _Batch(
            np.concatenate([view.pixels for view in views]),
            np.concatenate(points) if points else None,
            views[0].mirror,
        )


def _joined(parts: list[Floats | None]) -> Floats | None:
    """The batches one behind the other; None where the network has no such output."""
    there = [part for part in parts if part is not None]
    return np.concatenate(there) if there else None


def standardise(points: Floats, scale: PointScale) -> Floats:
    """Points (n, points, 3) → network input (n, 3 · points) with the training set's mean 0 and variance 1; NaN → 0."""
    flat = points.reshape(len(points), -1)
    return np.asarray(np.nan_to_num((flat - scale.mean) / scale.std, nan=0.0), np.float32)


def _described(metadata: Metadata) -> list[list[int]]:
    """Return the input shapes that the metadata describes, without the batch dimension."""
    shape = metadata.input
    pixels = [shape.height, shape.width, shape.channels]
    return [pixels, [3 * shape.points]] if shape.points else [pixels]


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Softmax over the last axis, float32, shifted by the maximum so that no exponential overflows."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32)
