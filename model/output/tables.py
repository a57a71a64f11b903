"""Results of ``model.output.serialize`` as CSV rows and as a table for a terminal."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from . import limits
from .serialize import AnalysisDict, FaceDict, Result
from .votes import out_of_ten

CSV_START = ("photo", "face", "x", "y", "width", "height", "score", "emotion", "confidence", "confident")
CSV_END = ("model", "error", "target", "covered", "truncated")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # What a spreadsheet takes for the beginning of a formula.

Cell = str | float | int | bool | None
Row = list[Cell]


def csv_header(labels: Sequence[str]) -> list[str]:
    """Return the column names. Each label is the column of its probability, empty for a model without that label."""
    return [*CSV_START, *labels, *CSV_END]


def table_rows(result: Result, labels: Sequence[str]) -> list[Row]:
    """Return the cells of one row per face, by number, or of one row for a photo without faces or with an error.

    They are in the order of ``csv_header``; a cell that has no value is None.
    """
    empty: Row = [None] * (len(CSV_START) - 1 + len(labels))
    if "error" in result:
        return [[result["photo"], *empty, None, result["error"], None, None, None]]
    model, target = result["model"]["name"], result["model"].get("target")
    truncated = "truncated" in result.get("warnings", ())
    if not result["faces"]:
        return [[result["photo"], *empty, model, None, target, None, truncated]]
    return [
        [
            result["photo"],
            face["number"],
            *face["box"],
            face["score"],
            face["emotion"],
            face["confidence"],
            face["confident"],
            *(face["probabilities"].get(label) for label in labels),
            model,
            None,
            target,
            face.get("covered"),
            truncated,
        ]
        for face in in_order(result)
    ]


def in_order(result: AnalysisDict) -> list[FaceDict]:
    """Return the faces by their numbers, as page, downloads and picture show them."""
    return sorted(result["faces"], key=lambda face: face["number"])


def csv_rows(result: Result, labels: Sequence[str]) -> list[list[str]]:
    """Return ``table_rows`` as text."""
    return [as_text(row) for row in table_rows(result, labels)]


def as_text(row: Row) -> list[str]:
    """Return the cells of a CSV row; no text of it is a formula to a spreadsheet.

    A file's name may begin with = or another sign that a spreadsheet takes for a formula's: an apostrophe before it
    makes it text there (OWASP, CSV injection). ``plain_text`` takes it away again.
    """
    return [_cell(value) for value in row]


def plain_text(cell: str) -> str:
    """Return the text that ``as_text`` wrote as this cell."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(("'", *FORMULA)) else cell


def _cell(value: Cell) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and value.startswith(("'", *FORMULA)):
        return f"'{value}"
    return str(value)


def csv_text(rows: Iterable[Sequence[str]]) -> str:
    """Return rows as CSV lines: RFC 4180 quoting, line feeds at the ends."""
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def table_text(result: Result) -> str:
    """Return a heading and one aligned line per face, for a terminal."""
    name = printable(result["photo"])
    if "error" in result:
        return f"{name}\n  error: {printable(result['error'])}\n"
    faces = result["faces"]
    count = {0: "no face found", 1: "1 face"}.get(len(faces), f"{len(faces)} faces")
    size = f"{result['width']} × {result['height']} pixels"
    heading = f"{name}: {size}, {count}, {_total(result):.0f} ms, {result['model']['name']}\n"
    if "truncated" in result.get("warnings", ()):
        heading += "  the end of the file is missing, so what is at the bottom may be gone\n"
    heading += "".join(f"  note: {sentence}\n" for sentence in limits.sentences(result))
    if not faces:
        return heading
    votes = result["model"].get("target") == "people_votes"
    expected, following = ("people say so", "others say") if votes else ("confidence", "next likely")
    lines: list[tuple[str, ...]] = [("#", "emotion", expected, "", following, "box (x, y, width × height)")]
    lines += [_table_line(face, votes) for face in in_order(result)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    # Numbers are right-aligned, words left-aligned.
    adjust = (str.rjust, str.ljust, str.rjust, str.ljust, str.ljust, str.ljust)
    for line in lines:
        cells = (put(cell, width) for put, cell, width in zip(adjust, line, widths, strict=True))
        heading += "  " + "  ".join(cells).rstrip() + "\n"
    return heading


def _table_line(face: FaceDict, votes: bool) -> tuple[str, ...]:
    notes = [
        "" if face["confident"] else "not sure",
        "covered" if face.get("looks_covered") else "",
        "faint" if face["faint"] else "",
        "perhaps no photo of a face" if "doubtful" in face["quality"]["warnings"] else "",
    ]
    x, y, width, height = face["box"]
    box = f"{x:.0f}, {y:.0f}, {width:.0f} × {height:.0f}"
    if votes:
        (_, most), *others = out_of_ten(face["probabilities"])
        said = f"about {most} of 10"
        following = ", ".join(f"{count} {label}" for label, count in others)
    else:
        ranked = sorted(face["probabilities"].items(), key=lambda item: -item[1])
        said = f"{face['confidence']:.1%}"
        following = f"{ranked[1][0]} {ranked[1][1]:.1%}" if len(ranked) > 1 else ""
    return str(face["number"]), face["emotion"], said, ", ".join(filter(None, notes)), following, box


def _total(result: AnalysisDict) -> float:
    timings = result["timings_ms"]
    return timings["decode"] + timings["detect"] + timings["classify"]


def printable(text: str) -> str:
    """Escape control characters and undecodable bytes of a file name, which a terminal could interpret."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
