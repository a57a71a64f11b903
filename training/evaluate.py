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
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED, SavedModelError
from model.store.reports import load_report
from training.data.ferplus import as_voted, voted
from training.data.formats import DatasetError
from training.data_options import add_data_options, add_masked_option, read_data
from training.reports.misclassified import refuse_tracked, write_sheets
from training.reports.plots import PLOTS
from training.reports.predict import CachedPredictor
from training.reports.report import as_text, build_report, evaluate, write

TOLERANCE = 5e-4  # one image in 2,000: another processor may round a borderline face to the other side


def differences(measured: dict[str, Any], published: dict[str, Any]) -> list[str]:
    """Where the measured accuracy or macro-F1 differs from the report's by more than the tolerance.

    Masked faces that the model never claimed to read are no difference.
    """
    found = []
    for split, figures in measured.items():
        if split.endswith("_masked") and split not in published:
            continue
        for figure in ("accuracy", "macro_f1"):
            claimed = published.get(split, {}).get(figure)
            if claimed is None or abs(claimed - figures[figure]) > TOLERANCE:
                found.append(f"{split} {figure}: measured {figures[figure]}, report.json says {claimed}")
    return found


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 report.json's figures are reproduced, 1 they are not, 2 no data or no model."""
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description=__doc__.split("\n")[0])
    add_data_options(parser)
    add_masked_option(parser)
    parser.add_argument("--votes", type=Path, help="FER+ votes, to measure against them too")
    parser.add_argument(
        "--model", default=DEFAULT_MODEL, help="a folder name under model/saved (%(default)s)"
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
    except (SavedModelError, DatasetError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    predictor = CachedPredictor(classifier)
    voted_model = classifier.metadata.label_source == "ferplus"
    measured = evaluate(predictor, voted(data) if voted_model else data)
    print(json.dumps(measured, indent=2) if options.json else as_text(measured))
    if data.fingerprint != classifier.metadata.raw["data"]["fingerprint"]:
        print("Note: these are not the exact images that the model was measured on.", file=sys.stderr)
    published = load_report(SAVED / options.model, classifier.metadata)
    if options.write:
        report = build_report(predictor, data)
        path = write(report, SAVED / options.model, PLOTS / options.model)
        print(f"Wrote {path} and plots to {PLOTS / options.model}", file=sys.stderr)
    if options.sheet:
        names = classifier.metadata.labels
        private = (as_voted(data.private_test) if voted_model else data.private_test).of_classes(names)
        pages = write_sheets(private, predictor.predict(private), names, options.sheet / options.model)
        print(f"{len(pages)} sheets in {options.sheet / options.model}", file=sys.stderr)
    if published is None:
        print("There was no report.json of this model: python -m training.evaluate --write", file=sys.stderr)
        return 0 if options.write else 1
    wrong = differences(measured, published["truths"].get(classifier.metadata.label_source, {}))
    for line in wrong or ["Every accuracy and macro-F1 in report.json is reproduced."]:
        print(line, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
