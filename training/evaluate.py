"""Measure a saved model on FER-2013 from its ONNX file, through the same steps that serve a photo.

    python -m training.evaluate --data fer2013.zip                                # prints, and compares
    python -m training.evaluate --data fer2013.zip --json                         # the figures as JSON
    python -m training.evaluate --data fer2013.zip --votes ferplus_votes.csv --write   # report.json and plots
    python -m training.evaluate --data fer2013.zip --sheet runs/sheets            # what it gets wrong, to look at
    python -m training.evaluate --data fer2013.zip --masked                       # on masked faces too

Reported: PublicTest (the split that training selects on), PrivateTest, PrivateTest without the images of which
Training holds an exact copy, and ``test``, the 7,178 images of both test splits; of a model that learned on masked
faces (or with ``--masked``) also the same images under drawn masks. With people's votes also how the answers agree
with them. A model of five labels is judged on the images of its five labels.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from model.classifier import Classifier
from model.metadata import Metadata, MetadataError
from model.paths import SAVED
from training.datasets import Fer2013, load_fer2013
from training.face_parts import with_landmarks, with_meshes
from training.landmarks import LANDMARKS_FILE
from training.mask_copies import MASKS_FOLDER, TESTS, with_masked_meshes, with_masks
from training.meshes import MESHES_FILE
from training.metrics import split_metrics
from training.misclassified import refuse_tracked, write_sheets
from training.plots import save
from training.reading import Reader, reported_splits
from training.report import build_report, write_report
from training.report_plots import report_figures
from training.sources import DatasetError
from training.votes import as_voted, voted, with_votes

PLOTS = Path(__file__).resolve().parent.parent / "plots"
TOLERANCE = 5e-4  # one image in 2,000: another processor may round a borderline face to the other side


def evaluate(reader: Reader, data: Fer2013) -> dict[str, dict[str, Any]]:
    """The metrics of every reported split; see ``training.metrics.split_metrics``.

    The truth is the labels of ``data``: for a model of people's votes, hand in ``training.votes.voted(data)``.
    """
    names, threshold = reader.metadata.labels, reader.metadata.confidence_threshold
    return {
        name: split_metrics(reader.read(split), split.labels, names, threshold)
        for name, split in reported_splits(data, names).items()
    }


def differences(measured: dict[str, Any], published: dict[str, Any]) -> list[str]:
    """Where the measured accuracy or macro-F1 differs from the metadata's by more than the tolerance.

    Masked faces that the model never claimed to read are no difference.
    """
    found = []
    for split, figures in measured.items():
        if split.endswith("_masked") and split not in published:
            continue
        for figure in ("accuracy", "macro_f1"):
            claimed = published.get(split, {}).get(figure)
            if claimed is None or abs(claimed - figures[figure]) > TOLERANCE:
                found.append(f"{split} {figure}: measured {figures[figure]}, metadata.json says {claimed}")
    return found


def as_text(metrics: dict[str, dict[str, Any]]) -> str:
    """A table over the splits, then per-class figures and the confusion matrix of PrivateTest."""
    lines = [
        f"{'split':28}{'images':>7}{'accuracy':>10}{'macro-F1':>10}{'NLL':>8}{'ECE':>8}{'sure':>8}{'right':>8}"
    ]
    for name, m in metrics.items():
        sure = m["confident"]
        lines.append(
            f"{name:28}{m['images']:7}{m['accuracy']:10.2%}{m['macro_f1']:10.3f}{m['nll']:8.3f}{m['ece']:8.3f}"
            f"{sure['coverage']:8.1%}{sure['accuracy'] or 0:8.1%}"
        )
    report = metrics["PrivateTest"]
    lines += [
        "",
        f"{'PrivateTest':12}{'precision':>10}{'recall':>8}{'F1':>7}{'n':>6}   confusion (row: true class)",
    ]
    for (name, c), row in zip(report["per_class"].items(), report["confusion_matrix"], strict=True):
        counts = "".join(f"{count:5}" for count in row)
        lines.append(
            f"{name:12}{c['precision']:10.3f}{c['recall']:8.3f}{c['f1']:7.3f}{c['support']:6}   {counts}"
        )
    return "\n".join(lines)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 the metadata's figures are reproduced, 1 they are not, 2 no data or no model."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.split("\n")[0])
    add_data_options(parser)
    parser.add_argument("--votes", type=Path, help="FER+ votes, to measure against them too")
    parser.add_argument(
        "--model", default="attention_cnn", help="a folder name under model/saved (%(default)s)"
    )
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    parser.add_argument(
        "--write", action="store_true", help="write report.json beside the model, and its plots"
    )
    parser.add_argument(
        "--sheet", type=Path, help="write sheets of errors to this folder, outside what git keeps"
    )
    options = parser.parse_args(argv)
    try:
        if options.sheet:
            refuse_tracked(options.sheet)
        classifier = Classifier.load(SAVED / options.model)
        data = read_data(options, classifier.metadata)
    except (MetadataError, DatasetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    reader = Reader(classifier)
    voted_model = classifier.metadata.target == "ferplus"
    measured = evaluate(reader, voted(data) if voted_model else data)
    print(json.dumps(measured, indent=2) if options.json else as_text(measured))
    if data.fingerprint != classifier.metadata.raw["data"]["fingerprint"]:
        print("Note: these are not the exact images that the model was measured on.", file=sys.stderr)
    if options.write:
        path = write(reader, data, SAVED / options.model, PLOTS / options.model)
        print(f"Wrote {path} and plots to {PLOTS / options.model}", file=sys.stderr)
    if options.sheet:
        names = classifier.metadata.labels
        private = (as_voted(data.private_test) if voted_model else data.private_test).of_classes(names)
        pages = write_sheets(private, reader.read(private), names, options.sheet / options.model)
        print(f"{len(pages)} sheets in {options.sheet / options.model}", file=sys.stderr)
    wrong = differences(measured, classifier.metadata.raw["metrics"])
    for line in wrong or ["Every accuracy and macro-F1 in metadata.json is reproduced."]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


def add_data_options(parser: argparse.ArgumentParser) -> None:
    """The options that ``with_inputs`` takes: the data set, and what some models need beside it."""
    parser.add_argument(
        "--data", required=True, help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument("--landmarks", type=Path, default=LANDMARKS_FILE, help="for a band (%(default)s)")
    parser.add_argument("--meshes", type=Path, default=MESHES_FILE, help="for face points (%(default)s)")
    parser.add_argument(
        "--masks", type=Path, default=MASKS_FOLDER, help="masked copies, drawn if missing (%(default)s)"
    )
    parser.add_argument("--masked", action="store_true", help="measure any model on masked faces too")


def read_data(options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """FER-2013 with what this model's input and truth need; raises DatasetError."""
    data = load_fer2013(options.data)
    if options.votes:
        data = with_votes(data, options.votes)
    elif metadata.target == "ferplus":
        raise DatasetError(f"{metadata.name} answers as people vote: pass --votes ferplus_votes.csv.")
    return with_inputs(data, options, metadata)


def with_inputs(data: Fer2013, options: argparse.Namespace, metadata: Metadata) -> Fer2013:
    """The images of this model's labels with what it reads beside them, masked if asked for; raises DatasetError."""
    masked = options.masked or bool(metadata.raw["training"]["settings"].get("masked"))
    if metadata.band is not None or masked:
        data = with_landmarks(data, options.landmarks)
    if masked:
        data = with_masks(data, options.masks, TESTS)
    if metadata.input.points:
        data = with_meshes(data, options.meshes)
        data = with_masked_meshes(data) if masked else data
    return data.of_classes(metadata.labels)


def write(reader: Reader, data: Fer2013, directory: Path, plots: Path) -> Path:
    """Write the model's report into ``directory`` and the plots made of it into ``plots``; return the report's path."""
    report = build_report(reader, data)
    save(report_figures(report), plots)
    return write_report(report, directory)


if __name__ == "__main__":
    sys.exit(main())
