"""One contender of ``bench.peers``, in a process of its own: ``python bench/contender.py NAME``.

A process for each contender separates their memory and start-up times. It prints the times of imports and loading as
a line of JSON, then for each path on its input milliseconds, boxes and labels. The ``fer`` package is in another
environment, so nothing of the project is imported at the top.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
# The network that both this project and "mtcnn and Keras" run: the default model's, whose weights Keras can take.
NETWORK = "attention_cnn_people"
# The boxes, and the label that each face is given; None where the contender names none.
Found = tuple[list[list[float]], list[str | None]]
Answer = Callable[[bytes], Found]
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def ours() -> tuple[Callable[[], Answer], dict[str, Any]]:
    """This project: MTCNN's cascade and the attention CNN on ONNX Runtime."""
    sys.path.insert(0, str(ROOT))
    from model import Recognizer

    last: dict[str, Any] = {}

    def load() -> Answer:
        recognizer = Recognizer.load(NETWORK)

        def answer(photo: bytes) -> Found:
            analysis = recognizer.analyze(photo)
            timings, scale = analysis.timings_ms, analysis.photo.scale
            last["stages"] = [timings.decode, timings.detect, timings.classify]
            boxes = [[scale * value for value in reading.face.box] for reading in analysis.faces]
            return boxes, [reading.prediction.emotion for reading in analysis.faces]

        return answer

    return load, last


def classic() -> tuple[Callable[[], Answer], dict[str, Any]]:
    """What the five systems do: the ``mtcnn`` package, and ``predict`` of the same network in Keras.

    The network has the weights of before calibration, and so a dense layer of seven more than the one served.
    """
    sys.path.insert(0, str(ROOT))
    import io

    import cv2
    import numpy as np
    from mtcnn import MTCNN
    from PIL import Image

    from training.configs.schema import LABELS
    from training.people.config import MAIN
    from training.people.network import WEIGHTS_FILE, load_network

    last: dict[str, Any] = {}

    def load() -> Answer:
        detector = MTCNN()
        network = load_network(ROOT / "model/saved" / NETWORK / WEIGHTS_FILE, MAIN, bounded=True)

        def answer(photo: bytes) -> Found:
            began = time.perf_counter()
            pixels = np.asarray(Image.open(io.BytesIO(photo)).convert("RGB"))
            decoded = time.perf_counter()
            boxes = [face["box"] for face in detector.detect_faces(pixels)]
            found = time.perf_counter()
            crops = []
            for x, y, width, height in boxes:
                part = pixels[max(y, 0) : y + height, max(x, 0) : x + width]
                crops.append(cv2.resize(cv2.cvtColor(part, cv2.COLOR_RGB2GRAY), (48, 48)))
            names: list[str | None] = []
            if crops:
                told = network.predict(np.stack(crops).astype(np.float32)[..., None], verbose=0)
                names = [LABELS[int(np.argmax(logits))] for logits in told["votes"]]
            ended = time.perf_counter()
            last["stages"] = [1000 * value for value in (decoded - began, found - decoded, ended - found)]
            return [[float(value) for value in box] for box in boxes], names

        return answer

    return load, last


def fer() -> tuple[Callable[[], Answer], dict[str, Any]]:
    """The ``fer`` package as its README uses it: OpenCV's Haar cascade and a TFLite network."""
    import cv2
    import numpy as np
    from fer.fer import FER

    def load() -> Answer:
        detector = FER()

        def answer(photo: bytes) -> Found:
            pixels = cv2.imdecode(np.frombuffer(photo, np.uint8), cv2.IMREAD_COLOR)
            faces = detector.detect_emotions(pixels)
            boxes = [[float(value) for value in face["box"]] for face in faces]
            return boxes, [max(face["emotions"], key=face["emotions"].get) for face in faces]

        return answer

    return load, {}


CONTENDERS = {"ours": ours, "classic": classic, "fer": fer}


def main() -> None:
    """Load, then answer a path a line until the input ends; the answers go to what was the standard output."""
    # Output of libraries must not get between the lines.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    started = time.perf_counter()
    load, last = CONTENDERS[sys.argv[1]]()
    imported = time.perf_counter()
    answer = load()
    loaded = time.perf_counter()
    say(answers, {"import_ms": 1000 * (imported - started), "load_ms": 1000 * (loaded - imported)})
    for line in sys.stdin:
        photo = Path(line.strip()).read_bytes()
        began = time.perf_counter()
        boxes, labels = answer(photo)
        taken = 1000 * (time.perf_counter() - began)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        stages = last.get("stages")
        say(answers, {"ms": taken, "boxes": boxes, "labels": labels, "peak_mb": peak, "stages": stages})


def say(answers: Any, what: dict[str, Any]) -> None:
    answers.write(json.dumps(what) + "\n")


if __name__ == "__main__":
    main()
