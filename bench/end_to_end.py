"""The whole pipeline for a photo, and the networks' inference alone: ``python -m bench.end_to_end``.

The lower bound is the time of the three MTCNN networks and the classifier alone on the same inputs. Both alternate in
one process; medians and ratios are printed.
"""

from __future__ import annotations

import argparse
from io import BytesIO

import numpy as np
from PIL import Image

from bench.contender import NETWORK
from bench.detector import floor_of, medians
from model.classifier import Classifier
from model.detection.detector import MtcnnDetector
from model.photo.load import load_photo
from model.recognizer import Recognizer
from model.store.files import SAVED
from tests.helpers import photos as faces_photos


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=31, help="measured rounds (%(default)s)")
    parser.add_argument("--threads", type=int, help="threads a network may use (all cores)")
    arguments = parser.parse_args()

    detector = MtcnnDetector.load(threads=arguments.threads)
    classifier = Classifier.load(SAVED / NETWORK, threads=arguments.threads)
    recognizer = Recognizer(detector, classifier)
    portrait = faces_photos.portrait()
    buffer = BytesIO()
    Image.fromarray(portrait).save(buffer, "JPEG", quality=90)
    jpeg = buffer.getvalue()
    inputs = np.stack([reading.network_input for reading in recognizer.analyze(jpeg).faces])

    names = ("bytes to answer", "decode", "detect", "classify", "MTCNN networks alone")
    times = medians(
        [
            lambda: recognizer.analyze(jpeg),
            lambda: load_photo(jpeg),
            lambda: detector.detect_faces(portrait),
            lambda: classifier.classify(inputs),
            floor_of(detector, portrait),
        ],
        arguments.rounds,
    )
    print(f"512×512 JPEG, {len(inputs)} face, medians of {arguments.rounds} rounds")
    for name, time in zip(names, times, strict=True):
        print(f"{name:24}{time:8.1f} ms")
    print(f"bytes to answer ÷ MTCNN networks alone: {times[0] / times[-1]:.2f}")


if __name__ == "__main__":
    main()
