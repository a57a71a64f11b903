"""Everything a photo goes through at run time, and the saved models. Knows neither Flask nor TensorFlow.

from model import Recognizer

analysis = Recognizer.load().analyze("photo.jpg")
for face in analysis.faces:
    print(face.prediction.emotion, face.prediction.confidence)

The command line is ``python -m model``.
"""

import os

# ONNX Runtime's Linux wheels report usage to their maker and write a file for it; this must be said before its
# first import. A photo site reports nothing to anybody.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from .photo.load import PhotoError, load_photo
from .recognizer import Recognizer
from .registry import ModelRegistry, UnknownModelError
from .store.metadata import MetadataError
from .types import Analysis, Face, FaceResult, Prediction

__all__ = [
    "Analysis",
    "Face",
    "FaceResult",
    "MetadataError",
    "PhotoError",
    "Prediction",
    "Recognizer",
    "ModelRegistry",
    "UnknownModelError",
    "load_photo",
]
