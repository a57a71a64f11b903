"""Face Value: detect the faces in a photo and classify the expression of each. Needs neither Flask nor TensorFlow.

from facevalue import Recognizer

analysis = Recognizer.load().analyze("photo.jpg")
for face in analysis.faces:
    print(face.box, face.prediction.emotion, face.prediction.confidence)

In a clone the same package is ``model``. The command line is ``facevalue``, or ``python -m model`` in a clone.

``recognizer.py`` has the order of the stages; each folder is one stage.
"""

import os

# Disables ONNX Runtime's telemetry, which its Linux wheels send by default and write a file for; read on its first
# import.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

from .output.analysis import PhotoAnalysis, UnreadPhoto, to_pandas
from .photo.load import PhotoError, load_photo
from .recognizer import Recognizer
from .registry import ModelRegistry, UnknownModelError
from .store.files import SavedModelError
from .types import Analysis, Face, FaceResult, Prediction

__all__ = [
    "Analysis",
    "Face",
    "FaceResult",
    "ModelRegistry",
    "PhotoAnalysis",
    "PhotoError",
    "Prediction",
    "Recognizer",
    "SavedModelError",
    "UnknownModelError",
    "UnreadPhoto",
    "load_photo",
    "to_pandas",
]

__version__ = "0.2.0"
