"""Set two saved models beside each other on the same images of FER-2013: is the difference more than chance?

    python -m training.versus landmarks_ablation landmarks --data fer2013.zip
    python -m training.versus attention_cnn upper_face --data fer2013.zip --masked

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
from model.metadata import MetadataError
from model.paths import SAVED
from training.datasets import Fer2013, Split, load_fer2013
from training.evaluate import add_data_options, with_inputs
from training.reading import Reader, reported_splits
from training.sources import DatasetError
from training.uncertainty import Interval, bootstrap_differences, macro_f1, mcnemar

Labels = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Versus:
    """Two models on one split, as shares of 1. Differences are the second's less the first's, intervals 95 %."""

    images: int
    accuracy: tuple[float, float]
    macro_f1: tuple[float, float]
    accuracy_difference: Interval
    macro_f1_difference: Interval
    only_first_right: int
    only_second_right: int
    p: float


def versus(first: Labels, second: Labels, labels: Labels, classes: int) -> Versus:
    """Compare two answers, predicted indices (n,), to the same images of true ``labels`` (n,)."""
    one, other = first == labels, second == labels
    accuracy, f1 = bootstrap_differences(first, second, labels, classes)
    alone = int((one & ~other).sum()), int((other & ~one).sum())
    return Versus(
        images=len(labels),
        accuracy=(float(one.mean()), float(other.mean())),
        macro_f1=(macro_f1(first, labels, classes), macro_f1(second, labels, classes)),
        accuracy_difference=accuracy,
        macro_f1_difference=f1,
        only_first_right=alone[0],
        only_second_right=alone[1],
        p=mcnemar(*alone),
    )


def answers(reader: Reader, data: Fer2013, labels: tuple[str, ...]) -> dict[str, tuple[Labels, Split]]:
    """Of every reported split the indices into ``labels`` that the model chose, and the images of these labels."""
    columns = [reader.metadata.labels.index(name) for name in labels]
    return {
        name: (reader.read(split)[:, columns].argmax(axis=1), split)
        for name, split in reported_splits(data, labels).items()
    }


def as_text(found: dict[str, Versus], names: tuple[str, str]) -> str:
    """A table over the splits."""
    width = max(10, *map(len, names)) + 2
    head = f"{'split':28}{'images':>7}{names[0]:>{width}}{names[1]:>{width}}"
    lines = [head + "   difference (95 %)       macro-F1 (95 %)            p"]
    for split, v in found.items():
        points = [100 * value for value in (v.accuracy[1] - v.accuracy[0], *v.accuracy_difference)]
        lines.append(
            f"{split:28}{v.images:7}{v.accuracy[0]:{width}.2%}{v.accuracy[1]:{width}.2%}"
            f"   {points[0]:+.2f} ({points[1]:+.2f} to {points[2]:+.2f})"
            f"   {v.macro_f1[1] - v.macro_f1[0]:+.3f} "
            f"({v.macro_f1_difference[0]:+.3f} to {v.macro_f1_difference[1]:+.3f})   {v.p:.2g}"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 compared, 2 no data, no model, or no two labels that both know."""
    parser = argparse.ArgumentParser(
        prog="python -m training.versus",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("models", nargs=2, metavar="MODEL", help="a folder name under model/saved")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    add_data_options(parser)
    options = parser.parse_args(argv)
    try:
        readers = [Reader(Classifier.load(SAVED / name)) for name in options.models]
        known = [reader.metadata.labels for reader in readers]
        labels = tuple(name for name in known[0] if name in known[1])
        if len(labels) < 2:
            raise MetadataError(f"{options.models[0]} and {options.models[1]} share fewer than two labels.")
        images = load_fer2013(options.data)
        data = [with_inputs(images, options, reader.metadata) for reader in readers]
    except (MetadataError, DatasetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    one, other = (answers(reader, part, labels) for reader, part in zip(readers, data, strict=True))
    found = {
        # Masked images only where both have them: a model that learned on masks brings them unasked.
        split: versus(one[split][0], other[split][0], one[split][1].labels, len(labels))
        for split in one
        if split in other
    }
    if options.json:
        print(json.dumps({split: asdict(v) for split, v in found.items()}, indent=2))
    else:
        print(as_text(found, (options.models[0], options.models[1])))
    return 0


if __name__ == "__main__":
    sys.exit(main())
