"""Covered mouths that no network learned on: PrivateTest under drawn masks, hands and scarves.

    python -m training.data.landmarks --data fer2013.zip     # once: where the covers go
    python -m training.covers --data fer2013.zip --votes ferplus_votes.csv
    python -m training.covers --data … --votes … --model attention_cnn --write

The truth is the label that most people chose of the uncovered image, on the images that people could read. A cover
follows from the image's name, so every model sees the same; where no landmarks were found the mean face's place it. Of
a model that tells whether the lower face is covered, also how well: the area under the ROC curve (covered against
uncovered images), and at the model's threshold the covers it sees and its false alarms.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from model.classifier import Classifier
from model.geometry import Pixels
from model.store.files import SAVED
from training.data.annotations import require_landmarks, with_landmarks
from training.data.fer2013 import Split, load_fer2013
from training.data.ferplus import as_voted, with_votes
from training.data.landmarks import LANDMARKS_FILE
from training.masks.draw import draw_mask, mask_rng
from training.masks.hands import draw_hand
from training.masks.scarves import draw_scarf
from training.reports.command import add_voted_options, exit_code, keep, measuring_parser
from training.reports.intervals import wilson_interval
from training.reports.predict import network_inputs, require_whole_face

Draw = Callable[[Pixels, NDArray[np.floating], np.random.Generator], Pixels]
COVERS: dict[str, Draw] = {"mask": draw_mask, "hand": draw_hand, "scarf": draw_scarf}
SEED = 1000  # Apart from the masked copies that other models learn on.


def covered(split: Split, cover: str) -> Pixels:
    """The split's images uint8 (n, 48, 48), each under a cover of its own."""
    seed = SEED + list(COVERS).index(cover)
    faces = zip(split.images, require_landmarks(split), split.names, strict=True)
    return np.stack([COVERS[cover](image, points, mask_rng(name, seed)) for image, points, name in faces])


def measure(classifier: Classifier, split: Split, drawn: dict[str, Pixels]) -> dict[str, Any]:
    """Accuracy without and under each cover, and how well the covers are told."""
    metadata, told, figures = classifier.metadata, {}, {}
    for name, images in {"none": split.images, **drawn}.items():
        part = Split(images, split.labels, split.names, classes=split.classes)
        predictions = classifier.classify(*network_inputs(metadata, part))
        right = sum(
            p.emotion == metadata.labels[label] for p, label in zip(predictions, split.labels, strict=True)
        )
        low, high = wilson_interval(right, len(split))
        figures[name] = {
            "accuracy": round(right / len(split), 4),
            "interval": [round(low, 4), round(high, 4)],
        }
        told[name] = [p.covered for p in predictions]
    found: dict[str, Any] = {
        "images": len(split),
        "accuracy": figures,
        "mean": round(float(np.mean([figures[name]["accuracy"] for name in drawn])), 4),
    }
    if metadata.covered_threshold is not None:
        found["covered"] = told_apart(told, metadata.covered_threshold)
    return found


def told_apart(told: dict[str, list[Any]], threshold: float) -> dict[str, Any]:
    """The figures of the covered output; ``told`` holds its probabilities without ("none") and under each cover."""
    free = np.array(told["none"], np.float64)
    under = {name: np.array(values, np.float64) for name, values in told.items() if name != "none"}

    def auc(values: NDArray[np.float64]) -> float:
        truth = np.repeat([0, 1], [len(free), len(values)])
        return round(float(roc_auc_score(truth, np.concatenate([free, values]))), 4)

    return {
        "threshold": threshold,
        "auc": auc(np.concatenate(list(under.values()))),
        "false_alarms": round(float((free >= threshold).mean()), 4),
        "by_cover": {
            name: {"auc": auc(values), "seen": round(float((values >= threshold).mean()), 4)}
            for name, values in under.items()
        },
    }


def as_text(name: str, figures: dict[str, Any]) -> str:
    """A line for each cover, and those of the covered output."""
    lines = [f"{name}, {figures['images']:,} images of PrivateTest, accuracy against the votes:"]
    for cover, row in figures["accuracy"].items():
        low, high = row["interval"]
        lines.append(f"  {cover:6}{row['accuracy']:8.1%} ({low:.1%} to {high:.1%})")
    lines.append(f"  mean  {figures['mean']:8.1%} of the covers")
    if "covered" in figures:
        c = figures["covered"]
        each = ", ".join(
            f"{cover} {row['auc']:.3f} ({row['seen']:.1%} seen)" for cover, row in c["by_cover"].items()
        )
        lines.append(f"  covered: AUC {c['auc']:.3f}, false alarms {c['false_alarms']:.1%}; {each}")
    return "\n".join(lines)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = measuring_parser("covers", __doc__)
    add_voted_options(parser)
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="of its faces (%(default)s)")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 2 no data, no model, or no report to write into."""
    return exit_code(_measure, _parse(argv))


def _measure(options: argparse.Namespace) -> None:
    classifiers = {name: Classifier.load(SAVED / name) for name in options.model}
    for classifier in classifiers.values():
        require_whole_face(classifier.metadata)
    data = with_landmarks(load_fer2013(options.data), options.landmarks)
    split = as_voted(with_votes(data, options.votes).private_test).some(options.images)
    drawn = {cover: covered(split, cover) for cover in COVERS}
    for name, classifier in classifiers.items():
        known = np.isin(np.array(split.classes), classifier.metadata.labels)[split.labels]
        mine = split.where(known).of_classes(classifier.metadata.labels)
        figures = {"date": datetime.date.today().isoformat()}
        figures |= measure(classifier, mine, {cover: images[known] for cover, images in drawn.items()})
        print(as_text(name, figures), flush=True)
        keep(options, SAVED / name, "covers", figures)


if __name__ == "__main__":
    sys.exit(main())
