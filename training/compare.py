"""Paired comparison of two saved models on the same images of FER-2013, with intervals and McNemar's test.

    python -m training.compare landmarks_ablation landmarks --data fer2013.zip
    python -m training.compare attention_cnn upper_face --data fer2013.zip --masked

Both are judged against the data set's label, each choosing among the labels that both know. Intervals and p say what
other images of this kind might have given, not how far a second training of the same network would end from the first.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from model.classifier import Classifier
from model.store.files import SAVED, SavedModelError
from training.data.fer2013 import Fer2013, load_fer2013
from training.data.formats import DatasetError
from training.data_options import add_data_options, add_masked_option, with_inputs
from training.reports.intervals import Interval, bootstrap_differences, macro_f1, mcnemar
from training.reports.predict import CachedPredictor, reported_splits

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class PairedComparison:
    """Two models on one split; differences are the second's less the first's."""

    images: int
    accuracy: tuple[float, float]  # of each, 0…1
    accuracy_difference: float
    accuracy_interval: Interval  # 95 %, of the difference (paired bootstrap)
    macro_f1: tuple[float, float]  # of each, 0…1
    macro_f1_difference: float
    macro_f1_interval: Interval  # 95 %, of the difference (paired bootstrap)
    only_first_right: int  # images
    only_second_right: int  # images
    p: float  # exact McNemar test


def compare_predictions(first: Labels, second: Labels, labels: Labels, classes: int) -> PairedComparison:
    """Compare two answers, predicted indices (n,), to the same images of true ``labels`` (n,)."""
    one, other = first == labels, second == labels
    accuracy = float(one.mean()), float(other.mean())
    f1 = macro_f1(first, labels, classes), macro_f1(second, labels, classes)
    intervals = bootstrap_differences(first, second, labels, classes)
    only_first, only_second = int((one & ~other).sum()), int((other & ~one).sum())
    return PairedComparison(
        images=len(labels),
        accuracy=accuracy,
        accuracy_difference=accuracy[1] - accuracy[0],
        accuracy_interval=intervals[0],
        macro_f1=f1,
        macro_f1_difference=f1[1] - f1[0],
        macro_f1_interval=intervals[1],
        only_first_right=only_first,
        only_second_right=only_second,
        p=mcnemar(only_first, only_second),
    )


def compare(
    predictors: tuple[CachedPredictor, CachedPredictor], data: tuple[Fer2013, Fer2013]
) -> dict[str, PairedComparison]:
    """Every reported split that both have, by name; ``data`` holds what each of the two reads of the same images.

    Masked images are compared where both were given them. Raises ValueError where the two share fewer than two labels.
    """
    first, second = (predictor.metadata for predictor in predictors)
    shared = tuple(name for name in first.labels if name in second.labels)
    if len(shared) < 2:
        raise ValueError(
            f"{first.name} and {second.name} share fewer than two labels, so nothing can be compared."
        )
    one, other = (reported_splits(part, shared) for part in data)
    return {
        name: compare_predictions(
            predictors[0].predict_among(one[name]).argmax(axis=1),
            predictors[1].predict_among(other[name]).argmax(axis=1),
            one[name].labels,
            len(shared),
        )
        for name in one
        if name in other
    }


def as_text(found: dict[str, PairedComparison], names: tuple[str, str]) -> str:
    """A table over the splits."""
    width = max(10, *map(len, names)) + 2
    lines = [
        f"{'split':28}{'images':>7}{names[0]:>{width}}{names[1]:>{width}}"
        f"{'difference (95 %)':>27}{'macro-F1 (95 %)':>29}{'p':>10}"
    ]
    for split, v in found.items():
        low, high = (100 * share for share in v.accuracy_interval)
        accuracy = f"{100 * v.accuracy_difference:+.2f} ({low:+.2f} to {high:+.2f})"
        low, high = v.macro_f1_interval
        f1 = f"{v.macro_f1_difference:+.3f} ({low:+.3f} to {high:+.3f})"
        lines.append(
            f"{split:28}{v.images:7}{v.accuracy[0]:{width}.2%}{v.accuracy[1]:{width}.2%}{accuracy:>27}{f1:>29}{v.p:10.2g}"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 compared, 2 no data, no model, or no two labels that both know."""
    parser = argparse.ArgumentParser(
        prog="python -m training.compare",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("models", nargs=2, metavar="MODEL", help="a folder name under model/saved")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_data_options(parser)
    add_masked_option(parser)
    options = parser.parse_args(argv)
    try:
        one, other = (CachedPredictor(Classifier.load(SAVED / name)) for name in options.models)
        images = load_fer2013(options.data)
        found = compare(
            (one, other),
            (with_inputs(images, options, one.metadata), with_inputs(images, options, other.metadata)),
        )
    except (SavedModelError, DatasetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        print(json.dumps({split: asdict(v) for split, v in found.items()}, indent=2))
    else:
        print(as_text(found, (options.models[0], options.models[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
