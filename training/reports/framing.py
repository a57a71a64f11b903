"""In-photo evaluation: the detection loss between a face cropped by its data set and the same face found in a photo.

    python -m training.reports.framing --data fer2013.zip            # measure and print
    python -m training.reports.framing --data fer2013.zip --write    # draw the model's framing plot, too
    python -m training.reports.framing --data fer2013.zip --scales   # which crop is best, on PublicTest

PrivateTest's faces are put into photos of 640×480 at random places, 1 to 6 times as large and leaning up to 20° to
either side; then each photo goes the whole way of an upload. A face that is not found counts as read wrongly.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter
from numpy.typing import NDArray
from tqdm import tqdm

from model import Recognizer
from model.faces.crop import crop_face, preprocess
from model.geometry import Pixels
from model.recognizer import DEFAULT_MODEL
from model.store.files import SavedModelError
from model.types import CropGeometry
from training.data.fer2013 import Split, load_fer2013
from training.data.formats import DatasetError
from training.reports.intervals import wilson_interval
from training.reports.plots import PLOTS, TRAINING_COLOUR, VALIDATION_COLOUR, save
from training.reports.predict import predict_logits
from training.reports.scenes import face_of, scenes

SCALE_EDGES = (1.0, 2.0, 3.0, 4.0, 5.0, 6.0)
ROLL_EDGES = (0.0, 5.0, 10.0, 15.0, 20.0)
CROP_SCALES = (0.8, 0.85, 0.9, 0.95, 1.0, 1.05, 1.1, 1.2)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one face."""

    scale: float  # of the image in the photo
    roll: float  # degrees
    found: bool
    predicted: int  # index of the label read in the photo, −1 where not found
    label: int  # index of the true label
    cropped: int  # index of the label read from the image itself


def run(recognizer: Recognizer, split: Split, seed: int = 0) -> list[Outcome]:
    """Send every image of the split through ``compose`` and the whole pipeline."""
    cropped = predict_logits(recognizer.classifier, split).argmax(axis=1)
    outcomes = []
    pairs = zip(scenes(split, seed), split.labels, strict=True)
    for number, (scene, label) in enumerate(tqdm(pairs, "photos", len(split))):
        readings = recognizer.analyze(scene.pixels).faces
        found = face_of(scene, [reading.face for reading in readings])
        predicted = -1 if found is None else int(np.argmax(readings[found].prediction.probabilities))
        outcomes.append(
            Outcome(scene.scale, scene.roll, found is not None, predicted, int(label), int(cropped[number]))
        )
    return outcomes


def summarise(outcomes: list[Outcome]) -> dict[str, Any]:
    """Accuracy in the photos beside that of the images themselves, over all and by scale and roll."""
    return {
        "all": _metrics(outcomes),
        "by_scale": _buckets(outcomes, SCALE_EDGES, lambda one: one.scale),
        "by_roll": _buckets(outcomes, ROLL_EDGES, lambda one: abs(one.roll)),
    }


def _buckets(outcomes: list[Outcome], edges: tuple[float, ...], of: Any) -> list[dict[str, Any]]:
    parts = pairwise(edges)
    return [
        {"from": low, "to": high, **_metrics([one for one in outcomes if low <= of(one) < high])}
        for low, high in parts
    ]


def _metrics(outcomes: list[Outcome]) -> dict[str, Any]:
    found = [one for one in outcomes if one.found]
    right = sum(one.predicted == one.label for one in found)
    cropped = sum(one.cropped == one.label for one in outcomes)
    cropped_found = sum(one.cropped == one.label for one in found)

    def share(part: int, whole: int) -> float:
        return round(part / max(1, whole), 4)

    return {
        "images": len(outcomes),
        "found": share(len(found), len(outcomes)),
        "accuracy": share(right, len(outcomes)),
        "accuracy_interval": [round(value, 4) for value in wilson_interval(right, len(outcomes))],
        "cropped_accuracy": share(cropped, len(outcomes)),
        "found_accuracy": share(right, len(found)),
        "found_cropped_accuracy": share(cropped_found, len(found)),
    }


def compare_scales(recognizer: Recognizer, split: Split, seed: int = 0) -> dict[float, float]:
    """Accuracy over the found faces for crops of several scales (× the box height), turned level as always."""
    inputs: dict[float, list[Pixels]] = {scale: [] for scale in CROP_SCALES}
    labels = []
    size = recognizer.metadata.size
    for scene, label in zip(scenes(split, seed), split.labels, strict=True):
        faces = [reading.face for reading in recognizer.analyze(scene.pixels).faces]
        found = face_of(scene, faces)
        if found is None:
            continue
        labels.append(int(label))
        for scale, crops in inputs.items():
            crop = crop_face(scene.pixels, faces[found], CropGeometry(scale))
            crops.append(preprocess(crop.aligned, size))
    return {
        scale: float(np.mean(_answers(recognizer, crops) == np.array(labels)))
        for scale, crops in inputs.items()
    }


def _answers(recognizer: Recognizer, inputs: list[Pixels]) -> NDArray[np.intp]:
    """The index of the most probable label of each network input."""
    predictions = recognizer.classifier.classify(np.stack(inputs))
    return np.array([int(np.argmax(prediction.probabilities)) for prediction in predictions])


def as_text(summary: dict[str, Any]) -> str:
    """The metrics as a table."""
    lines = [f"{'':16}{'images':>8}{'found':>8}{'accuracy':>10}{'itself':>8}{'of found':>10}{'itself':>8}"]
    rows = [("all", summary["all"])]
    rows += [(f"scale {b['from']:g}–{b['to']:g}×", b) for b in summary["by_scale"]]
    rows += [(f"roll {b['from']:g}–{b['to']:g}°", b) for b in summary["by_roll"]]
    for name, f in rows:
        lines.append(
            f"{name:16}{f['images']:8,}{f['found']:8.1%}{f['accuracy']:10.1%}{f['cropped_accuracy']:8.1%}"
            f"{f['found_accuracy']:10.1%}{f['found_cropped_accuracy']:8.1%}"
        )
    return "\n".join(lines)


def framing_figure(summary: dict[str, Any]) -> Figure:
    """Two panels: by scale and by roll, each beside the images themselves; intervals are 95 %."""
    figure = Figure(figsize=(9, 3.8), dpi=110, layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(1, 2, sharey=True)
    parts = (("by_scale", "enlarged", "×"), ("by_roll", "leaning", "°"))
    for axes, (name, what, unit) in zip(panels, parts, strict=True):
        buckets = summary[name]
        places = np.arange(len(buckets))
        accuracy = np.array([b["accuracy"] for b in buckets])
        reach = np.abs(np.array([b["accuracy_interval"] for b in buckets]).T - accuracy)
        axes.errorbar(
            places,
            accuracy,
            yerr=reach,
            color=TRAINING_COLOUR,
            marker="o",
            capsize=3,
            label="found in a photo",
        )
        cropped = [b["cropped_accuracy"] for b in buckets]
        axes.plot(
            places, cropped, color=VALIDATION_COLOUR, marker="s", linestyle="--", label="the image itself"
        )
        axes.bar(
            places,
            [b["found"] for b in buckets],
            color="0.5",
            alpha=0.15,
            label="share of faces found",
            zorder=0,
        )
        axes.set_xticks(places, [f"{b['from']:g}–{b['to']:g}{unit}" for b in buckets])
        axes.set(xlabel=what, ylim=(0, 1.02))
        axes.grid(axis="y", alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    panels[0].set_ylabel("share")
    panels[0].yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[1].legend(frameon=False, loc="lower left")
    figure.suptitle("PrivateTest’s faces put into larger photos, read by the whole pipeline")
    return figure


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 no data or no model."""
    parser = argparse.ArgumentParser(
        prog="python -m training.reports.framing", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--data", required=True, help="FER-2013: a zip, a folder, a csv file, or 'kaggle'")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help="a folder name under model/saved (%(default)s)"
    )
    parser.add_argument("--images", type=int, help="so many images, chosen at random, instead of all")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--scales", action="store_true", help="compare crop scales on PublicTest instead")
    parser.add_argument("--write", action="store_true", help="write the plot into plots/MODEL")
    options = parser.parse_args(argv)
    try:
        recognizer = Recognizer.load(options.model)
        data = load_fer2013(options.data).of_classes(recognizer.metadata.labels)
    except (SavedModelError, DatasetError) as error:
        print(error, file=sys.stderr)
        return 2
    split = some(data.public_test if options.scales else data.private_test, options.images, options.seed)
    if options.scales:
        for scale, accuracy in compare_scales(recognizer, split, options.seed).items():
            print(f"crop of {scale:.2f} × the box height: {accuracy:.1%}")
        return 0
    summary = summarise(run(recognizer, split, options.seed))
    print(as_text(summary))
    if options.write:
        (path,) = save({"framing": framing_figure(summary)}, PLOTS / options.model)
        print(f"Wrote {path}", file=sys.stderr)
    return 0


def some(split: Split, images: int | None, seed: int) -> Split:
    """So many of the images at random, in their order; all for None."""
    if images is None or images >= len(split):
        return split
    chosen = np.zeros(len(split), bool)
    chosen[np.random.default_rng(seed).permutation(len(split))[:images]] = True
    return split.where(chosen)


if __name__ == "__main__":
    sys.exit(main())
