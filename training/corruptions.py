"""How much of its accuracy a model keeps on worse images: PrivateTest under 10 corruptions at 5 strengths.

    python -m training.corruptions --data fer2013.zip --votes ferplus_votes.csv
    python -m training.corruptions --data … --votes … --model attention_cnn attention_cnn_people --write
    python -m training.corruptions --data … --votes … --images 500          # a part of them, for a first look

The truth is the label that most people chose, on the images that people could read. Each model reads the images once as
they are (one view) and, where it averages several views, as the site serves it. The corruptions are drawn the same for
every model; see ``training.reports.corrupt``. The calibration error is over 15 bins of equal width. The mean over all
corruptions has a 95 % interval, from 1,000 samples of the images with replacement.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from model.classifier import Classifier
from model.faces.crop import preprocess
from model.geometry import Pixels
from model.store.files import SAVED
from training.data.fer2013 import Split, load_fer2013
from training.data.ferplus import as_voted, with_votes
from training.reports.command import add_voted_options, exit_code, keep, measuring_parser
from training.reports.corrupt import CORRUPTIONS, corrupted
from training.reports.intervals import bootstrap_mean
from training.reports.metrics import expected_calibration_error
from training.reports.predict import require_whole_face

STRENGTHS = (1, 2, 3, 4, 5)
Labels = NDArray[np.int64]


def measure(classifier: Classifier, split: Split) -> dict[str, Any]:
    """The figures of one way to read, on the images as they are and under every corruption."""
    size = classifier.metadata.size
    clean, error = score(classifier, split.images, split.labels, size)
    rows, rights = {}, []
    for name in CORRUPTIONS:
        found = [score(classifier, corrupted(split.images, name, s), split.labels, size) for s in STRENGTHS]
        rows[name] = {"accuracy": [_mean(right) for right, _ in found], "ece": [ece for _, ece in found]}
        rights += [right for right, _ in found]
    low, high = bootstrap_mean(np.mean(rights, axis=0))
    return {
        "clean": {"accuracy": _mean(clean), "ece": error},
        "mean": {
            **{figure: _mean([row[figure] for row in rows.values()]) for figure in ("accuracy", "ece")},
            "interval": [round(low, 4), round(high, 4)],
        },
        "corruptions": rows,
    }


def score(
    classifier: Classifier, images: Pixels, labels: Labels, size: int
) -> tuple[NDArray[np.bool_], float]:
    """Which answers to these images uint8 (n, h, w) are right (n,), and their calibration error."""
    inputs = np.stack([preprocess(image, size) for image in images])
    probabilities = np.stack([prediction.probabilities for prediction in classifier.classify(inputs)])
    right = probabilities.argmax(axis=1) == labels
    return right, round(expected_calibration_error(probabilities, labels), 4)


def _mean(values: ArrayLike) -> float:
    return round(float(np.asarray(values, np.float64).mean()), 4)


def ways(classifier: Classifier) -> dict[str, Classifier]:
    """One view, and as served where that is something else."""
    metadata = classifier.metadata
    several = metadata.tta_flip or len(metadata.tta_zooms) > 1
    found = {"one_view": classifier.with_one_view()}
    return found | ({"as_served": classifier} if several else {})


def voted_test(data: str, votes: Path, images: int | None) -> Split:
    """PrivateTest's images that people could read with their most-voted label, perhaps only so many of them."""
    return as_voted(with_votes(load_fer2013(data), votes).private_test).some(images)


def as_text(name: str, way: str, figures: dict[str, Any]) -> str:
    """A line for each corruption, the mean last."""
    lines = [f"{name}, {way.replace('_', ' ')}: accuracy at strength 1 to 5, their mean, calibration error"]
    lines.append(f"  {'as they are':14}{figures['clean']['accuracy']:>43.1%}{figures['clean']['ece']:8.3f}")
    for kind, row in figures["corruptions"].items():
        each = "".join(f"{accuracy:7.1%}" for accuracy in row["accuracy"])
        lines.append(f"  {kind:14}{each}{np.mean(row['accuracy']):8.1%}{np.mean(row['ece']):8.3f}")
    mean, (low, high) = figures["mean"], figures["mean"]["interval"]
    lines.append(f"  {'mean':14}{mean['accuracy']:>43.1%}{mean['ece']:8.3f}  (95 %: {low:.1%} to {high:.1%})")
    return "\n".join(lines)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = measuring_parser("corruptions", __doc__)
    add_voted_options(parser)
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 2 no data, no model, or no report to write into."""
    return exit_code(_measure, _parse(argv))


def _measure(options: argparse.Namespace) -> None:
    classifiers = {name: Classifier.load(SAVED / name) for name in options.model}
    for classifier in classifiers.values():
        require_whole_face(classifier.metadata)
    split = voted_test(options.data, options.votes, options.images)
    for name, classifier in classifiers.items():
        mine = split.of_classes(classifier.metadata.labels)
        figures: dict[str, Any] = {"images": len(mine), "date": datetime.date.today().isoformat()}
        for way, reader in ways(classifier).items():
            figures[way] = measure(reader, mine)
            print(as_text(name, way, figures[way]), flush=True)
        keep(options, SAVED / name, "corruptions", figures)


if __name__ == "__main__":
    sys.exit(main())
