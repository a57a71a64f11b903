"""Results of ``model.output.serialize`` as CSV rows and as a table for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from .serialize import AnalysisDict, FaceDict, Result

CSV_START = ("photo", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident")
CSV_END = ("model", "error")


def csv_header(labels: Sequence[str]) -> list[str]:
    """Return the column names. Each label is the column of its probability, empty for a model without that label."""
    return [*CSV_START, *labels, *CSV_END]


def csv_rows(result: Result, labels: Sequence[str]) -> list[list[str]]:
    """Return one row per face, numbered from 1, or one row for a photo without faces or with an error."""
    empty = [""] * (len(CSV_START) - 1 + len(labels))
    if "error" in result:
        return [[result["photo"], *empty, "", result["error"]]]
    model = result["model"]["name"]
    if not result["faces"]:
        return [[result["photo"], *empty, model, ""]]
    return [
        [
            result["photo"],
            str(number),
            *(str(value) for value in face["box"]),
            str(face["score"]),
            face["emotion"],
            str(face["confidence"]),
            "true" if face["confident"] else "false",
            *(str(face["probabilities"].get(label, "")) for label in labels),
            model,
            "",
        ]
        for number, face in enumerate(result["faces"], start=1)
    ]


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV lines: RFC 4180 quoting, line feeds at the ends."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def table_text(result: Result) -> str:
    """Return a heading and one aligned line per face, for a terminal."""
    name = _printable(result["photo"])
    if "error" in result:
        return f"{name}\n  error: {_printable(result['error'])}\n"
    faces = result["faces"]
    count = {0: "no face found", 1: "1 face"}.get(len(faces), f"{len(faces)} faces")
    size = f"{result['width']} × {result['height']} pixels"
    heading = f"{name}: {size}, {count}, {_total(result):.0f} ms, {result['model']['name']}\n"
    if not faces:
        return heading
    lines: list[tuple[str, ...]] = [
        ("#", "emotion", "confidence", "", "next likely", "box (x, y, width × height)")
    ]
    lines += [_table_line(number, face) for number, face in enumerate(faces, start=1)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    # Numbers are right-aligned, words left-aligned.
    adjust = (str.rjust, str.ljust, str.rjust, str.ljust, str.ljust, str.ljust)
    for line in lines:
        cells = (put(cell, width) for put, cell, width in zip(adjust, line, widths, strict=True))
        heading += "  " + "  ".join(cells).rstrip() + "\n"
    return heading


def _table_line(number: int, face: FaceDict) -> tuple[str, ...]:
    ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
    following = f"{ranked[1][0]} {ranked[1][1]:.1%}" if len(ranked) > 1 else ""
    sure = "" if face["confident"] else "not sure"
    x, y, width, height = face["box"]
    box = f"{x:.0f}, {y:.0f}, {width:.0f} × {height:.0f}"
    return str(number), face["emotion"], f"{face['confidence']:.1%}", sure, following, box


def _total(result: AnalysisDict) -> float:
    timings = result["timings_ms"]
    return timings["decode"] + timings["detect"] + timings["classify"]


def _printable(text: str) -> str:
    """Escape control characters and undecodable bytes of a file name, which a terminal could interpret."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
