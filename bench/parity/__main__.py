"""The reader of the pages beside the server's, on the same pixels, in Node with ONNX Runtime's WebAssembly.

    python -m bench.parity --photos ../shared/data/real_photos.zip

Writes bench/BROWSER.md. Photos are a folder or a zip of JPEG, PNG or WebP; without any, those that tests make of the
sample portraits alone. Exit code 1 where an answer differs.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from bench.parity.compare import LEAST_IOU, MOST_PIXELS, MOST_SHARE, MOVED_PIXELS, TIE_IOU, TIE_SHARE, Tally
from bench.parity.made import made_photos
from bench.parity.node import NoNode, Reading, read_in_node
from bench.report import markdown_table
from model import PhotoError, Recognizer, load_photo
from model.detection.detector import MtcnnDetector
from model.types import Photo

RESULTS = Path(__file__).resolve().parent.parent / "BROWSER.md"
SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
AT_A_TIME = 60  # Photos of one run of Node.

Named = tuple[str, Photo]


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 the same, 1 something differs, 2 no Node or no photos."""
    parser = argparse.ArgumentParser(
        prog="python -m bench.parity",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--photos", type=Path, help="real photos, in a zip or a folder")
    options = parser.parse_args(argv)
    sets = {"made of the sample portraits": [*made_photos()]}
    try:
        if options.photos:
            sets["real photos"] = [*real_photos(options.photos)]
        measured = {name: compared(photos) for name, photos in sets.items()}
    except (NoNode, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    text = as_text(measured)
    RESULTS.write_text(text, encoding="utf-8")
    print(text)
    return int(any(tally.different or tally.other_faces for tally, _ in measured.values()))


def compared(photos: list[Named]) -> tuple[Tally, list[Reading]]:
    """Read the photos on both sides and compare."""
    # Minutes: a machine that does something else besides must not cut the search short.
    detector = MtcnnDetector.load(threads=1, seconds=600)
    recognizer = Recognizer.load(threads=1, detector=detector)
    tally, readings = Tally(), []
    for start in range(0, len(photos), AT_A_TIME):
        batch = photos[start : start + AT_A_TIME]
        for (name, photo), reading in zip(batch, read_in_node([photo for _, photo in batch]), strict=True):
            server = recognizer.classify(detector.detect(photo))
            tally.add(name, server, reading.answer)
            readings.append(reading)
    return tally, readings


def real_photos(source: Path) -> Iterator[Named]:
    """Yield the photos of a folder or a zip that can be read; raises ValueError where there is none."""
    found = False
    for name, content in _files(source):
        try:
            photo = load_photo(content)
        except PhotoError:
            continue
        found = True
        yield name, photo
    if not found:
        raise ValueError(f"There is no photo at {source}.")


def _files(source: Path) -> Iterator[tuple[str, bytes]]:
    if source.is_dir():
        for path in sorted(source.rglob("*")):
            if path.suffix.lower() in SUFFIXES:
                yield path.relative_to(source).as_posix(), path.read_bytes()
        return
    with zipfile.ZipFile(source) as archive:
        for name in sorted(archive.namelist()):
            if name.lower().endswith(SUFFIXES):
                yield name, archive.read(name)


def as_text(measured: dict[str, tuple[Tally, list[Reading]]]) -> str:
    """The table and the lists, in Markdown."""
    rows = [_row(name, *each) for name, each in measured.items()]
    header = (
        "",
        "photos",
        "faces",
        "other faces or rotation",
        "same",
        "moved",
        "near ties",
        "different",
        "equal inputs",
        "least IoU",
        "landmarks, px",
        "shares",
        "whole ÷ networks",
    )
    parts = [
        "# The reader in the browser beside the server's\n\nWritten by `python -m bench.parity`: the same pixels on "
        f"both sides, the pages' scripts in Node. “Same” is IoU ≥ {LEAST_IOU}, landmarks within {MOST_PIXELS} px and "
        f"shares within {MOST_SHARE:g}. “Moved” is the same but for landmarks, which lie within {MOVED_PIXELS} px: the "
        "last digits of a box, which differ between processors, round a position of its crop to the next 1/32 pixel. A "
        f"near tie (IoU ≥ {TIE_IOU}, shares within {TIE_SHARE:g}) is two nearly equal boxes of one face, between which "
        "the last digits of their scores decide. Least IoU, landmarks and shares are those of the faces that are the "
        "same or moved. The last column is the median time of a photo over that of its networks alone.\n",
        markdown_table(header, rows),
    ]
    for name, (tally, _) in measured.items():
        lines = [f"other faces: {each}" for each in tally.other_faces]
        lines += [f"other passes: {each}" for each in tally.other_passes]
        lines += [
            f"near tie: {pair.photo}, IoU {pair.iou:.4f}, shares {pair.share:.5f}" for pair in tally.near_ties
        ]
        lines += [
            f"different: {pair.photo}, IoU {pair.iou:.4f}, shares {pair.share:.5f}"
            for pair in tally.different
        ]
        lines += [
            f"other words: {pair.photo}" for pair in tally.pairs if not (pair.same_words and pair.same_label)
        ]
        if lines:
            parts.append(f"In {name}:\n\n" + "\n".join(f"- {line}" for line in lines) + "\n")
    return "\n".join(parts)


def _row(name: str, tally: Tally, readings: list[Reading]) -> tuple[str, ...]:
    same = [pair for pair in tally.pairs if pair.same]
    alike = same + tally.moved
    # The first of a run of Node compiles the scripts.
    ratios = sorted(
        each.ms / each.network_ms
        for number, each in enumerate(readings)
        if number % AT_A_TIME and each.network_ms
    )
    return (
        name,
        str(tally.photos),
        str(len(tally.pairs)),
        str(len(tally.other_faces)),
        str(len(same)),
        str(len(tally.moved)),
        str(len(tally.near_ties)),
        str(len(tally.different)),
        f"{100 * tally.same_inputs:.1f} %",
        f"{min((pair.iou for pair in alike), default=1):.6f}",
        f"{max((pair.pixels for pair in alike), default=0):.4f}",
        f"{max((pair.share for pair in alike), default=0):.1e}",
        f"{ratios[len(ratios) // 2]:.2f}" if ratios else "",
    )


if __name__ == "__main__":
    sys.exit(main())
