"""Measure saved models on real photos, through the whole pipeline: are faces found, and read as people read them.

    python -m training.real_photos FOLDER                                # the default model on FOLDER/report
    python -m training.real_photos FOLDER --split select --model attention_cnn attention_cnn_people
    python -m training.real_photos FOLDER --against attention_cnn        # and the paired difference to that one
    python -m training.real_photos FOLDER --write                        # into the model's report.json

FOLDER holds <split>/<expression>/*.jpg, as a folder or a zip, or is a clone of the public set
https://github.com/muxspace/facial_expressions, in which the photos that this project measured are found by the sha256
of their files (training/real_photos.csv). Where several faces are found the largest is read. Choose on ``select``, and
only report on ``report``.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from pathlib import Path
from typing import Any

import numpy as np

from model.photo.load import PhotoError
from model.recognizer import Recognizer
from model.store.files import SAVED
from training.data.formats import DatasetError
from training.data.real_photos import RealPhoto, covered_votes, fingerprint, known_photos, read_real_photos
from training.reports.command import exit_code, keep, measuring_parser
from training.reports.photo_figures import Answers, covered_figures, difference, photo_figures

LABELLED = "one person labelled each photo"


def read_all(recognizers: list[Recognizer], photos: list[RealPhoto]) -> list[Answers]:
    """What each model says of the photos, whose faces are searched once; raises DatasetError for an unreadable one."""
    predictions = []
    for photo in photos:
        try:
            detection = recognizers[0].detect(photo.content)
        except PhotoError as error:
            raise DatasetError(f"{photo.name} cannot be read: {error}") from error
        faces = [recognizer.classify(detection).faces for recognizer in recognizers]
        predictions.append([found[0].prediction if found else None for found in faces])
    return [_answers(r, photos, [row[i] for row in predictions]) for i, r in enumerate(recognizers)]


def _answers(recognizer: Recognizer, photos: list[RealPhoto], predictions: list[Any]) -> Answers:
    metadata = recognizer.metadata
    unknown = sorted({photo.label for photo in photos} - set(metadata.labels))
    if unknown:
        raise DatasetError(f"{metadata.name} does not know {', '.join(unknown)}, which these photos show.")
    nothing = np.zeros(len(metadata.labels), np.float32)
    tells = metadata.covered_threshold is not None
    covered = [np.nan if p is None or p.covered is None else p.covered for p in predictions]
    return Answers(
        probabilities=np.stack([nothing if p is None else p.probabilities for p in predictions]),
        found=np.array([p is not None for p in predictions]),
        labels=np.array([metadata.labels.index(photo.label) for photo in photos], np.int64),
        names=metadata.labels,
        threshold=metadata.confidence_threshold,
        covered=np.array(covered, np.float32) if tells else None,
    )


def votes_on(photos: list[RealPhoto]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """How many of two readers found each photo's lower face covered (n,); −1 for a photo not looked at."""
    known, votes = known_photos(), covered_votes()
    places = [known.get(photo.sha256) for photo in photos]
    return np.array([-1 if k is None else votes[k.split, k.label, k.number] for k in places], np.int64)


def section(answers: Answers, photos: list[RealPhoto], split: str, threshold: float | None) -> dict[str, Any]:
    """What goes into report.json: the figures, and what they are of."""
    figures = {
        "split": split,
        "date": datetime.date.today().isoformat(),
        "fingerprint": fingerprint(photos),
        "labels": LABELLED,
        "intervals": "95 %: bootstrap over photos, stratified by expression where a figure is made of recalls",
        **photo_figures(answers),
    }
    if threshold is not None:
        figures["covered"] = covered_figures(answers, votes_on(photos), threshold)
    return figures


def as_text(name: str, figures: dict[str, Any]) -> str:
    """The figures to read: first what counts, then each expression and what it was taken for."""
    sure, calibration = figures["sure"], figures["calibration"]
    lines = [
        f"{name} on {figures['split']}: {figures['photos']} photos ({figures['labels']}), "
        f"a face found in {figures['faces_found']}",
        f"  mean recall        {_share(figures['mean_recall'])}",
        f"  as photos come     {_share(figures['as_they_come'])}",
        f"  accuracy           {_share(figures['accuracy'])}",
        f"  sure answers       {_share(sure['right'])} right, {_share(sure['coverage'])} of all photos",
        f"  calibration error  {calibration['ece']} (a perfect one: {_range(calibration['range_if_perfect'])})",
        f"  −ln p of the label {figures['nll']['value']} ({_range(figures['nll']['interval'])})",
    ]
    for expression, recall in figures["recall"].items():
        taken = {what: n for what, n in figures["confusion"][expression].items() if n}
        lines.append(
            f"  {expression:10} n = {recall['photos']:3}  {_share(recall)}   read as "
            + ", ".join(f"{what} {n}" for what, n in sorted(taken.items(), key=lambda item: -item[1]))
        )
    if "covered" in figures:
        c = figures["covered"]
        lines.append(
            f"  covered: {c['false_alarms']} false alarms on {c['uncovered']} photos found uncovered by eye, "
            f"{c['recognised']} of {c['covered']} that both readers found covered are recognised"
        )
    for other, found in figures.get("against", {}).items():
        what = ", ".join(f"{key.replace('_', ' ')} {_share(value, '+')}" for key, value in found.items())
        lines.append(f"  less {other}: {what}")
    return "\n".join(lines)


def _share(figure: dict[str, Any], sign: str = "") -> str:
    if figure["value"] is None:
        return "–"
    low, high = (100 * end for end in figure["interval"])
    return f"{100 * figure['value']:{sign}.1f} % ({low:{sign}.1f} to {high:{sign}.1f})"


def _range(interval: list[float] | None) -> str:
    return "–" if interval is None else f"{interval[0]} to {interval[1]}"


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = measuring_parser("real_photos", __doc__)
    parser.add_argument(
        "folder", type=Path, help="<split>/<expression>/*.jpg, its zip, or the public set's clone"
    )
    parser.add_argument("--split", default="report", help="which part of the folder (%(default)s)")
    parser.add_argument("--against", help="a saved model to state the paired difference to")
    return parser.parse_args(argv)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 2 no photos, no model, or no report to write into."""
    return exit_code(_measure, _parse(argv))


def _measure(options: argparse.Namespace) -> None:
    names = list(dict.fromkeys([*options.model, *([options.against] if options.against else [])]))
    photos = read_real_photos(options.folder, options.split)
    recognizers = [Recognizer.load(name) for name in names]
    answers = dict(zip(names, read_all(recognizers, photos), strict=True))
    for recognizer, name in zip(recognizers, names, strict=True):
        if name not in options.model:
            continue
        figures = section(answers[name], photos, options.split, recognizer.metadata.covered_threshold)
        # By the models' own names: a former name may be that of the same model.
        other = recognizers[names.index(options.against)] if options.against else recognizer
        if other.metadata.name != recognizer.metadata.name:
            figures["against"] = {options.against: difference(answers[options.against], answers[name])}
        print(as_text(name, figures))
        keep(options, SAVED / name, "real_photos", figures)


if __name__ == "__main__":
    sys.exit(main())
