"""Do the maps show what decided? Their first places are deleted, or shown alone, and the answer is watched.

    python -m training.faithful --data fer2013.zip                               # the default model, 1,000 images
    python -m training.faithful --data fer2013.zip --photos FOLDER --write       # and real photos; into report.json
    python -m training.faithful --data fer2013.zip --on PublicTest --images 200  # to choose on

Maps: the model's attention output, where it has one, and the occlusion map that the site shows (``model.explain``), for
the answer and for the second most probable expression. One view of each face is read. How a map is judged is said in
``training.reports.deletion``; "÷ random" and "÷ mean map" are at a fifth of the places, with the worse of two fills.
"""

from __future__ import annotations

import argparse
import datetime
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.classifier import Classifier
from model.explain import PATCHES, log_probabilities, occlusion_maps
from model.geometry import Floats, Pixels
from model.photo.load import PhotoError
from model.recognizer import Recognizer
from model.store.files import SAVED
from training.data.fer2013 import load_fer2013
from training.data.formats import DatasetError
from training.data.real_photos import read_real_photos
from training.reports.command import add_fer2013_option, exit_code, keep, measuring_parser
from training.reports.deletion import JUDGED, Faces, judge
from training.reports.predict import network_inputs, require_whole_face

PARTS = {"PublicTest": "public_test", "PrivateTest": "private_test"}
MOVED = 5.0  # Standard deviation in gray levels: an image under it shows nothing.


def measure(classifier: Classifier, images: Pixels) -> dict[str, Any]:
    """Every map of these network inputs uint8 (n, h, w), judged."""
    one_view = classifier.with_one_view()
    first, second = np.argsort(-log_probabilities(one_view, images), axis=1)[:, :2].T
    found = [occlusion_maps(classifier, image)[1] for image in tqdm(images, "occlusion maps", disable=None)]
    answer = Faces(classifier, images, first)
    other = answer.about(second)
    figures = {
        "occlusion": judge(answer, _of(found, first)),
        "occlusion_of_the_second": judge(other, _of(found, second)),
    }
    attention = attention_maps(one_view, images)
    if attention is not None:
        figures["attention"] = judge(answer, attention)
    return figures


def attention_maps(classifier: Classifier, images: Pixels) -> Floats | None:
    """The attention output enlarged to the images' size, float32 (n, h, w); None where the network has none."""
    maps = [prediction.attention for prediction in classifier.classify(images)]
    size = images.shape[2], images.shape[1]
    large = [cv2.resize(one, size, interpolation=cv2.INTER_LINEAR) for one in maps if one is not None]
    return np.stack(large).astype(np.float32) if large else None


def fer_images(classifier: Classifier, data: str, part: str, count: int) -> Pixels:
    """So many of a split's network inputs, drawn without replacement, always the same; blank images are left out."""
    metadata = classifier.metadata
    require_whole_face(metadata)
    split = getattr(load_fer2013(data), PARTS[part])
    split = split.where(split.images.std(axis=(1, 2)) > MOVED).some(count)
    return network_inputs(metadata, split)[0]


def photo_images(name: str, folder: Path, split: str) -> Pixels:
    """The network inputs of the largest faces of real photos; raises DatasetError where there are none."""
    recognizer, inputs = Recognizer.load(name), []
    for photo in read_real_photos(folder, split):
        try:
            faces = recognizer.analyze(photo.content).faces
        except PhotoError as error:
            raise DatasetError(f"{photo.name} cannot be read: {error}") from error
        inputs += [faces[0].network_input] if faces else []
    if not inputs:
        raise DatasetError(f"No face is found in the photos of {folder}.")
    return np.stack(inputs)


def as_text(figures: dict[str, Any]) -> str:
    """A line for each map: the ratios at a fifth of the places, the flips, and how alike maps are."""
    lines = [
        f"{'map':26}{'÷ random (95 %)':>24}{'÷ mean map (95 %)':>24}{'flips':>14}"
        f"{'insertion ÷ random':>20}{'÷ mean map':>12}{'alike':>7}"
    ]
    for name, m in figures.items():
        deletion, insertion = m["deletion"], m["insertion"]
        row = deletion[f"{JUDGED:g}"]
        flips = " / ".join(f"{100 * row[fill]['flips']:.0f} %" for fill in row)
        lines.append(
            f"{name:26}{_ratio(deletion['against_random']):>24}{_ratio(deletion['against_mean_map']):>24}{flips:>14}"
            f"{_ratio(insertion['against_random'], False):>20}{_ratio(insertion['against_mean_map'], False):>12}"
            f"{m['correlation']:>7}"
        )
        for share in (key for key in deletion if not key.startswith("against")):
            rises = [
                f"{fill} {r['map']} (random {r['random']}, mean map {r['mean_map']})"
                for fill, r in deletion[share].items()
            ]
            lines.append(f"    −ln p rises, {float(share):.0%} deleted: " + "; ".join(rises))
    return "\n".join(lines)


def _of(found: list[Floats], labels: NDArray[np.intp]) -> Floats:
    """Of the maps of every label those of one label a face."""
    return np.stack([maps[label] for maps, label in zip(found, labels, strict=True)])


def _ratio(ratio: dict[str, Any], interval: bool = True) -> str:
    if ratio["value"] is None:
        return "–"
    low, high = ratio["interval"]
    return f"{ratio['value']:.1f} ({low:.1f} to {high:.1f})" if interval else f"{ratio['value']:.1f}"


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = measuring_parser("faithful", __doc__)
    add_fer2013_option(parser)
    parser.add_argument("--on", choices=tuple(PARTS), default="PrivateTest", help="which split (%(default)s)")
    parser.add_argument("--images", type=int, default=1000, help="how many of its images (%(default)s)")
    parser.add_argument(
        "--photos", type=Path, help="real photos too: see python -m training.real_photos --help"
    )
    parser.add_argument("--split", default="report", help="which of those (%(default)s)")
    options = parser.parse_args(argv)
    if options.images < 2:
        parser.error("--images must be 2 or more")
    return options


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 measured, 2 no data, no model, no map, or no report to write into."""
    return exit_code(_measure, _parse(argv))


def _measure(options: argparse.Namespace) -> None:
    for name in options.model:
        classifier, started = Classifier.load(SAVED / name), time.monotonic()
        sets = {options.on: fer_images(classifier, options.data, options.on, options.images)}
        if options.photos:
            sets[f"real_photos_{options.split}"] = photo_images(name, options.photos, options.split)
        figures: dict[str, Any] = {
            "date": datetime.date.today().isoformat(),
            "runs": sum(part.places**2 for part in PATCHES) + 1,
            "intervals": "95 %: bootstrap over faces",
            "sets": {},
        }
        for where, images in sets.items():
            figures["sets"][where] = measure(classifier, images)
            print(f"{name}, {len(images)} faces of {where}, {time.monotonic() - started:.0f} s")
            print(as_text(figures["sets"][where]), flush=True)
        keep(options, SAVED / name, "faithful", figures)


if __name__ == "__main__":
    sys.exit(main())
