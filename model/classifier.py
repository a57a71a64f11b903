"""The saved network: faces in, logits, probabilities and the attention map out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from model.metadata import Metadata, MetadataError
from model.runtime import open_session
from model.stages import Pixels, Prediction

MODEL_FILE = "model.onnx"
BATCH = 64  # Faces a call: bounds the memory that a photo of hundreds of faces can ask for.


class Classifier:
    """One saved model, loaded and checked. Holds no state between calls, so threads may share it."""

    def __init__(self, metadata: Metadata, session: onnxruntime.InferenceSession) -> None:
        self.metadata = metadata
        self._session = session
        self._input = session.get_inputs()[0].name

    @classmethod
    def load(cls, directory: Path, *, threads: int | None = None) -> Classifier:
        """Load ``directory``'s metadata.json and model.onnx.

        Raises MetadataError if a file is missing, altered (sha256), or does not fit the metadata.
        """
        metadata = Metadata.load(directory)
        content = metadata.read_verified(directory, MODEL_FILE)
        try:
            session = open_session(content, threads=threads)
        except Exception as error:  # ONNX Runtime's own exceptions have no public base class.
            raise MetadataError(
                f"{directory / MODEL_FILE} is not a network that can be run: {error}"
            ) from error
        shape = session.get_inputs()[0].shape[1:]
        outputs = [output.shape[-1] for output in session.get_outputs()]
        if (
            shape != [metadata.size, metadata.size, 1]
            or outputs[:1] != [len(metadata.labels)]
            or len(outputs) != 2
        ):
            raise MetadataError(
                f"{directory / MODEL_FILE} takes {shape} and gives {outputs}: not as described."
            )
        return cls(metadata, session)

    def classify(self, inputs: Pixels) -> tuple[Prediction, ...]:
        """Classify gray uint8 (n, size, size), up to 64 in one call of the network; n = 0 gives an empty tuple.

        With flip averaging every face is read together with its mirror image, and logits and attention maps are
        averaged. Raises ValueError for another shape or type.
        """
        size = self.metadata.size
        if inputs.dtype != np.uint8 or inputs.ndim != 3 or inputs.shape[1:] != (size, size):
            raise ValueError(f"expected uint8 (n, {size}, {size}), got {inputs.dtype} {inputs.shape}")
        if len(inputs) == 0:
            return ()
        parts = [self._run(inputs[start : start + BATCH]) for start in range(0, len(inputs), BATCH)]
        logits = np.concatenate([part[0] for part in parts])
        attention = np.concatenate([part[1] for part in parts])
        probabilities = softmax(np.asarray(logits / self.metadata.temperature, np.float32))
        return tuple(
            Prediction(
                labels=self.metadata.labels,
                logits=logits[i],
                probabilities=probabilities[i],
                attention=attention[i],
                threshold=self.metadata.confidence_threshold,
            )
            for i in range(len(inputs))
        )

    def _run(self, inputs: Pixels) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Logits (n, classes) and attention maps (n, rows, columns), averaged over the mirror image if so set."""
        count = len(inputs)
        batch = np.concatenate([inputs, inputs[:, :, ::-1]]) if self.metadata.flip_average else inputs
        logits, attention = self._session.run(None, {self._input: batch.astype(np.float32)[..., np.newaxis]})
        attention = attention[..., 0]
        if self.metadata.flip_average:
            logits = (logits[:count] + logits[count:]) / 2
            attention = (attention[:count] + attention[count:, :, ::-1]) / 2
        return logits, attention


def softmax(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """Probabilities over the last axis, float32, shifted so that no exponential overflows."""
    exponentials = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True), np.float32)
