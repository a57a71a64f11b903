"""The splits that reports are about, and a saved model's predictions on them, through the steps that serve a photo."""

from __future__ import annotations

import dataclasses
import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, softmax
from model.faces.crop import preprocess
from model.faces.eye_band import eye_band
from model.geometry import Pixels
from model.store.files import SAVED, read_mesh
from model.store.metadata import Metadata
from training.configs.schema import LABELS
from training.data.annotations import require_landmarks, require_mesh, under_masks
from training.data.fer2013 import Fer2013, Split
from training.data.formats import DatasetError
from training.data.landmarks import as_face

Floats = NDArray[np.float32]


def reported_splits(data: Fer2013, classes: tuple[str, ...] = LABELS) -> dict[str, Split]:
    """The splits that every report names, in this order, without the images of labels that the model does not know.

    Where the data has masked copies, three of them a second time, with the same images masked.
    """
    splits = {
        "PublicTest": data.public_test,
        "PrivateTest": data.private_test,
        "PrivateTest_without_twins": data.private_test_deduplicated(),
        "test": data.test(),
    }
    if all(split.masked is not None for split in (data.public_test, data.private_test)):
        names = ("PublicTest", "PrivateTest", "test")
        splits |= {f"{name}_masked": under_masks(splits[name]) for name in names}
    return {name: split.of_classes(classes) for name, split in splits.items()}


class CachedPredictor:
    """A saved model with its logits so far: an image that several splits hold goes through the network once.

    ``metadata`` may be replaced by one of another temperature or threshold: those are arithmetic on the logits.
    """

    def __init__(self, classifier: Classifier) -> None:
        self.classifier = classifier
        self.metadata = classifier.metadata
        self._known: dict[tuple[str, bytes], Floats] = {}

    def logits(self, split: Split) -> Floats:
        """The logits of the split's images, float32 (n, classes)."""
        keys = [(of, image.tobytes()) for of, image in zip(split.names, split.images, strict=True)]
        unread = np.array([key not in self._known for key in keys], dtype=np.bool_)
        if unread.any():
            answers = predict_logits(self.classifier, split.where(unread))
            self._known |= zip(itertools.compress(keys, unread), answers, strict=True)
        return np.stack([self._known[key] for key in keys])

    def predict(self, split: Split) -> Floats:
        """The probabilities of the split's images, float32 (n, classes)."""
        return with_temperature(self.logits(split), self.metadata.temperature)

    def predict_among(self, split: Split) -> Floats:
        """The probabilities of the split's labels alone, float32 (n, labels)."""
        return self.predict(split)[:, [self.metadata.labels.index(name) for name in split.classes]]


def with_temperature(logits: Floats, temperature: float) -> Floats:
    """Logits (n, classes) → probabilities, as ``Classifier.classify`` computes them."""
    return softmax(np.asarray(logits / temperature, np.float32))


def predict_logits(classifier: Classifier, split: Split, batch: int = 256) -> Floats:
    """The logits of the split's images, float32 (n, classes), as the site would compute them."""
    logits: list[Floats] = []
    # What is not read need not be cut up.
    split = dataclasses.replace(split, masked=None, masked_landmarks=None, masked_mesh=None)
    for start in range(0, len(split), batch):
        part = split.where(np.arange(len(split)) // batch == start // batch)
        predictions = classifier.classify(*network_inputs(classifier.metadata, part))
        logits += [prediction.logits for prediction in predictions]
    return np.stack(logits)


def network_inputs(metadata: Metadata, split: Split) -> tuple[Pixels, Floats | None, Any]:
    """What the classifier takes of each image, by the functions that serve a photo: pixels, points and their mirror."""
    if metadata.band is not None:
        faces = [as_face(points) for points in require_landmarks(split)]
        bands = [
            eye_band(image, face, metadata.band) for image, face in zip(split.images, faces, strict=True)
        ]
        return np.stack([band.pixels for band in bands]), None, None
    pixels = np.stack([preprocess(image, metadata.size) for image in split.images])
    if not metadata.input.points:
        return pixels, None, None
    return pixels, require_mesh(split), read_mesh(SAVED / "face_mesh").topology.mirror


def require_whole_face(metadata: Metadata) -> None:
    """Raise DatasetError where a model reads something else than the pixels of a whole face."""
    if metadata.band is not None or metadata.input.points:
        raise DatasetError(
            f"{metadata.name} does not read a whole face's pixels alone: it is not measured here."
        )
