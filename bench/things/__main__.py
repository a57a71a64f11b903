"""What is found in pictures without a face, sure and doubtful, and which true faces are doubted.

    python -m bench.things --photos ../shared/data/real_photos.zip

Writes bench/THINGS.md and bench/things/list.csv: every picture with what was found in it. The limits
(``model.faces.quality``) were chosen on the half "choose" and the photos of select; the figures that count are those of
the other half and of report.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.report import markdown_table
from model import Recognizer
from model.types import FaceResult
from training.data.formats import DatasetError
from training.data.real_photos import read_real_photos

from .catalogue import things

HERE = Path(__file__).resolve().parent
LIST, RESULTS = HERE / "list.csv", HERE.parent / "THINGS.md"
HALVES = ("choose", "report")


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in one picture."""

    name: str
    kind: str
    half: str
    sure: int
    doubtful: int


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the photos cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.things",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=Path, help="photos of true faces (zip or folder, select and report)")
    options = parser.parse_args(argv)
    recognizer = Recognizer.load()
    try:
        true = list(_true_faces(recognizer, options.photos)) if options.photos else []
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    found = [
        Found(thing.name, thing.kind, thing.half, *_counts(recognizer.analyze(thing.pixels).faces))
        for thing in things()
    ]
    _write_list(found)
    text = as_text(found, true)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return 0


def as_text(found: list[Found], true: list[Found]) -> str:
    """The tables, in Markdown."""
    parts = [
        "# Things are not faces\n\nWritten by `python -m bench.things`; each picture with what was found in it is in "
        f"[things/list.csv](things/list.csv). {len(found)} pictures without a photographed face: photographs that come "
        "with scikit-image, scikit-learn and Matplotlib, whole and in quarters, and pictures made by code, among them "
        "drawn faces and renderings of a plaster face. Limits were chosen on one half (“choose”).\n",
        _table_of_things(found),
    ]
    if true:
        parts.append(
            "The largest face of each press photo of one person; limits were chosen on “select”:\n\n"
            + _table_of_faces(true)
        )
    return "\n".join(parts)


def _table_of_things(found: list[Found]) -> str:
    rows = [
        (half, kind, *_figures([one for one in found if one.half == half and kind in (one.kind, "all")]))
        for half in HALVES
        for kind in [*dict.fromkeys(one.kind for one in found), "all"]
    ]
    return markdown_table(("half", "kind", "pictures", "sure faces", "doubtful", "sure a picture"), rows)


def _figures(some: list[Found]) -> tuple[str, str, str, str]:
    sure = sum(one.sure for one in some)
    doubtful = sum(one.doubtful for one in some)
    return str(len(some)), str(sure), str(doubtful), f"{sure / max(1, len(some)):.3f}"


def _table_of_faces(true: list[Found]) -> str:
    rows = []
    for half in dict.fromkeys(one.half for one in true):
        some = [one for one in true if one.half == half]
        sure, doubtful = sum(one.sure for one in some), sum(one.doubtful for one in some)
        share = f"{doubtful / max(1, sure + doubtful):.1%}"
        rows.append((half, str(len(some)), str(sure + doubtful), str(doubtful), share))
    return markdown_table(("photos", "number", "faces", "doubtful", "share"), rows)


def _true_faces(recognizer: Recognizer, photos: Path) -> Iterator[Found]:
    for split in ("select", "report"):
        for photo in read_real_photos(photos, split):
            analysis = recognizer.analyze(photo.content)
            # Each shows one person: whatever else is found beside the largest face is none.
            yield Found(photo.name, "true face", split, *_counts(analysis.faces[:1]))


def _counts(faces: Sequence[FaceResult]) -> tuple[int, int]:
    """How many faces are sure and how many doubtful."""
    doubts = ["doubtful" in face.quality.warnings for face in faces]
    return doubts.count(False), doubts.count(True)


def _write_list(found: Iterable[Found]) -> None:
    with LIST.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("picture", "kind", "half", "sure", "doubtful"))
        writer.writerows((one.name, one.kind, one.half, one.sure, one.doubtful) for one in found)


if __name__ == "__main__":
    sys.exit(main())
