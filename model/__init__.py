"""Everything a photo goes through at run time, and the saved models. Knows neither Flask nor TensorFlow.

    from model import Recognizer

    analysis = Recognizer.load().analyze("photo.jpg")
    for face in analysis.faces:
        print(face.prediction.emotion, face.prediction.confidence)
"""

from model.metadata import MetadataError
from model.photo import PhotoError, load_photo
from model.recognizer import Recognizer
from model.stages import Analysis, Face, FaceReading, Prediction

__all__ = [
    "Analysis",
    "Face",
    "FaceReading",
    "MetadataError",
    "PhotoError",
    "Prediction",
    "Recognizer",
    "load_photo",
]
