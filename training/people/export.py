"""Calibrate a people network and write it as a saved model."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier, softmax
from model.geometry import Pixels
from model.recognizer import Recognizer
from model.store.files import MAPS_FILE, METADATA_FILE, MODEL_FILE
from model.store.metadata import SCHEMA_VERSION, Metadata
from model.store.session import open_session
from training.configs.schema import LABELS
from training.configs.systems import DEFAULT
from training.data.fer2013 import Fer2013
from training.data.ferplus import require_votes, voted
from training.data.ferplus import usable as readable_votes
from training.data.real_photos import RealPhoto
from training.export.metadata import (
    CROP_SCALE,
    data_fields,
    library_versions,
    today,
)
from training.export.metadata_file import file_records, write_metadata
from training.people import calibrate
from training.people.calibrate import Calibration, Logits, Weights
from training.people.config import (
    KEPT,
    OWN_SHARE,
    RARE,
    REFINEMENT,
    STUDENT,
    TEACHER,
    TEACHERS,
    Shape,
)
from training.people.fit import STUDENTS
from training.people.network import (
    LABEL,
    SIDE,
    VOTES,
    WEIGHTS_FILE,
    load_network,
    save_weights,
    serving_network,
)
from training.people.onnx_file import write_files, write_onnx
from training.people.targets import targets
from training.reports.photo_figures import AS_THEY_COME
from training.reports.predict import CachedPredictor
from training.reports.report import build_report, write_report

CROPPING_MODEL = "attention_cnn"  # any that reads the whole face
ANSWERS_RIGHT = 0.88  # share of the sure answers that are right, on PublicTest's majorities and on ``select``
UNCOVERED_ALARMS = 0.01  # share of uncovered PublicTest images over the threshold of "covered"
WEIGHTS = Weights(votes=1.0, rare=0.2, as_they_come=0.25, blend=0.1)
DESCRIPTION = (
    "Attention CNN for facial expression: four convolution blocks, attention over space after the second, trained from "
    "scratch on FER-2013. It reads the whole face once, 48×48 gray pixels, and tells all seven expressions apart. It "
    "learned the votes of ten people on each image (FER+, Barsoum et al. 2016), the data set's labels, and the answers "
    "of five wider networks{refined}. It answers how ten people would read the face."
)
REFINED = "; then it went on, learning from itself and from two others"
PROTOCOL = (
    "Trained on Training; scale, offsets and threshold fitted on PublicTest and on real photos kept apart for it "
    "(training.real_photos, split select); PrivateTest and the photos of report only reported. The truth is the label "
    'that most of the ten people chose; images that they called "unknown" or "not a face" are left out.'
)


@dataclass(frozen=True, slots=True, eq=False)
class Photos:
    """Network inputs of real photos, uint8 (n, 48, 48), and their labels (n,)."""

    inputs: NDArray[np.uint8]
    labels: NDArray[np.int64]


def read_photos(photos: list[RealPhoto], model: str = CROPPING_MODEL) -> Photos:
    """The largest face of each photo as the pipeline hands it to a network; photos without one are left out."""
    recognizer = Recognizer.load(model)
    faces = [(recognizer.analyze(photo.content).faces, photo.label) for photo in photos]
    found = [(results[0].network_input, label) for results, label in faces if results]
    labels = [recognizer.metadata.labels.index(label) for _, label in found]
    return Photos(np.stack([pixels for pixels, _ in found]), np.array(labels, np.int64))


def export(
    data: Fer2013, photos: Photos, runs: Path, source: str, directory: Path, version: str, command: str
) -> dict[str, Any]:
    """Write the network ``source`` ("main", "small"), refined if it was, into ``directory``; return its metadata.

    Raises ExportError unless the ONNX file gives Keras' probabilities on PublicTest images.
    """
    keras.mixed_precision.set_dtype_policy("float32")
    shape = STUDENTS[source]
    refined = runs / f"{source}_refined.npz"
    trained = load_network(
        refined if refined.exists() else runs / f"{source}_attending.npz", shape, bounded=True
    )
    calibration = fitted(trained, data, photos)
    network = calibrated(trained, shape, calibration)
    directory.mkdir(parents=True, exist_ok=True)
    some = data.public_test.images[:256, ..., np.newaxis].astype(np.float32)
    write_files(network, directory, some)
    save_weights(trained, directory / WEIGHTS_FILE, np.float16)

    files = file_records(directory, (MODEL_FILE, MAPS_FILE, WEIGHTS_FILE))
    document = {
        **reading_fields(
            directory.name, network.count_params(), files, data.training.classes, refined=refined.exists()
        ),
        "version": version,
        "protocol": PROTOCOL,
        "data": data_fields(DEFAULT, data),
        "training": training_fields(command, calibration, refined=refined.exists()),
        "libraries": library_versions(),
    }
    path = directory / METADATA_FILE
    session = open_session((directory / MODEL_FILE).read_bytes())
    document["temperature"] = temperature(
        Classifier(Metadata.from_dict(document, path), session), data, photos
    )
    classifier = Classifier(Metadata.from_dict(document, path), session)
    document["confidence_threshold"] = round(threshold(classifier, data, photos), 3)
    document["covered"] = {"threshold": round(covered_threshold(classifier, data), 3)}
    predictor = CachedPredictor(Classifier(Metadata.from_dict(document, path), session))
    write_metadata(document, directory)
    write_report(build_report(predictor, data), directory)
    return document


def fitted(trained: keras.Model, data: Fer2013, photos: Photos, weights: Weights = WEIGHTS) -> Calibration:
    """Fit scale and offsets on PublicTest's votes and the photos."""
    split = data.public_test
    split = split.where(readable_votes(require_votes(split)))
    wanted = targets(split)
    frequencies = np.array([AS_THEY_COME.get(label, 0) / 100 for label in split.classes])
    return calibrate.fit(
        logits_of(trained, split.images),
        wanted[:, 7:14].astype(np.float64),
        wanted[:, 15].astype(np.float64),
        logits_of(trained, photos.inputs),
        photos.labels,
        frequencies,
        weights,
    )


def logits_of(network: keras.Model, images: NDArray[np.uint8]) -> Logits:
    """Both heads' logits for gray images (n, 48, 48)."""
    given = network.predict(images[..., np.newaxis].astype(np.float32), batch_size=256, verbose=0)
    return Logits(given[VOTES].astype(np.float64), given[LABEL].astype(np.float64))


def calibrated(trained: keras.Model, shape: Shape, calibration: Calibration) -> keras.Model:
    """The network that is saved: one head instead of two."""
    votes, label = (tuple(trained.get_layer(name).get_weights()) for name in ("votes_logits", "logits"))
    return serving_network(trained, shape, *calibration.head(votes, label))


def temporary_classifier(network: keras.Model, shape: Shape, directory: Path) -> Classifier:
    """The network as it is, with the votes' head, written into ``directory`` and loaded for serving."""
    votes = tuple(network.get_layer("votes_logits").get_weights())
    saved = serving_network(network, shape, *votes)
    path = directory / MODEL_FILE
    write_onnx(saved, path)
    files = file_records(directory, [MODEL_FILE])
    document = reading_fields("network", saved.count_params(), files, LABELS)
    return Classifier(Metadata.from_dict(document, path), open_session(path.read_bytes()))


def temperature(classifier: Classifier, data: Fer2013, photos: Photos) -> float:
    """The temperature at which the calibration errors on PublicTest's majorities and on the photos add up to least.

    Shares fitted to FER-2013's votes say too little of photos, on whose expressions people agree more.
    """
    sets = [
        (np.stack([prediction.logits for prediction in classifier.classify(inputs)]), labels)
        for inputs, labels in judged(data, photos)
    ]
    tried = np.arange(0.6, 1.21, 0.01)
    errors = [
        sum(
            calibrate.calibration_error(softmax(logits / np.float32(value)), labels)
            for logits, labels in sets
        )
        for value in tried
    ]
    return round(float(tried[int(np.argmin(errors))]), 2)


def judged(data: Fer2013, photos: Photos) -> tuple[tuple[Pixels, NDArray[np.int64]], ...]:
    """What the answer is calibrated on, inputs and labels: PublicTest's majorities, and the photos."""
    majorities = voted(data).public_test
    return (majorities.images, majorities.labels), (photos.inputs, photos.labels)


def threshold(classifier: Classifier, data: Fer2013, photos: Photos) -> float:
    """The lowest confidence from which on so many answers are right, on PublicTest's majorities and on the photos.

    1 where no confidence is enough.
    """
    found = []
    for inputs, labels in judged(data, photos):
        predictions = classifier.classify(inputs)
        confidence = np.array([prediction.confidence for prediction in predictions])
        right = np.array([p.labels.index(p.emotion) for p in predictions]) == labels
        order = np.argsort(-confidence)
        share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
        enough = np.flatnonzero(share >= ANSWERS_RIGHT)
        found.append(float(confidence[order][enough[-1]]) if len(enough) else 1.0)
    return max(found)


def covered_threshold(classifier: Classifier, data: Fer2013) -> float:
    """The probability of "covered" that so few PublicTest images, nearly all uncovered, reach; at least a half."""
    given = [prediction.covered for prediction in classifier.classify(data.public_test.images)]
    return max(0.5, float(np.quantile(np.array(given, np.float64), 1 - UNCOVERED_ALARMS)))


def reading_fields(
    name: str, parameters: int, files: dict[str, Any], labels: tuple[str, ...], *, refined: bool = False
) -> dict[str, Any]:
    """What is needed to use the network; scale and offsets are in its weights."""
    return {
        "schema_version": SCHEMA_VERSION,
        "name": name,
        "version": "0",
        "description": DESCRIPTION.format(refined=REFINED if refined else ""),
        "target": "ferplus",
        "created": today(),
        "labels": list(labels),
        "input": {"width": SIDE, "height": SIDE, "color": "gray", "points": 0},
        "region": "face",
        "crop": {"reference": "box_height", "scale": CROP_SCALE},
        "zooms": [1.0],
        "flip_average": False,
        "temperature": 1.0,
        "confidence_threshold": 0.0,
        "covered": {"threshold": 0.5},
        "parameters": parameters,
        "weights": "float16",
        "files": files,
    }


def training_fields(command: str, calibration: Calibration, *, refined: bool) -> dict[str, Any]:
    """How the network came about."""
    refinement = {"refinement": {**REFINEMENT.to_dict(), "own": OWN_SHARE, "rare": RARE, "kept": KEPT}}
    return {
        "configuration": "people",
        "settings": {
            "network": {"attention": True},
            "teachers": TEACHERS,
            "teacher": TEACHER.to_dict(),
            "student": STUDENT.to_dict(),
            **(refinement if refined else {}),
        },
        "epochs_run": STUDENT.epochs + (REFINEMENT.epochs if refined else 0),
        "calibration": {
            "weights": asdict(WEIGHTS),
            "scale": round(calibration.scale, 4),
            "offsets": [round(float(value), 4) for value in calibration.offsets],
        },
        "command": command,
    }
