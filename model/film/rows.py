"""A film's rows: one for each face and time, one for a time without a face, one for an error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..output.serialize import face_to_dict
from ..output.tables import CSV_START, Row, printable
from .reading import FilmFace, Moment

SMOOTHED = "smoothed_"

FilmRow = dict[str, Any]


def moment_rows(name: str, moment: Moment) -> list[FilmRow]:
    """Return the JSON objects of one moment; times are rounded to a millisecond, shares to 0.000001."""
    model = moment.analysis.model
    start: FilmRow = {"film": name, "time": round(moment.time, 3)}
    end: FilmRow = {"model": {"name": model.name, "version": model.version, "target": model.target}}
    if not moment.faces:
        return [{**start, "face": None, **end}]
    return [{**start, "face": face.number, **_face(face), **end} for face in moment.faces]


def _face(face: FilmFace) -> FilmRow:
    """Return what a row says of a face: what a photo's result says, and what is smoothed."""
    said = face_to_dict(face.reading, 1.0)
    kept = ("box", "score", "emotion", "confidence", "confident", "probabilities", "covered")
    smoothed = {label: round(share, 6) + 0.0 for label, share in face.smoothed.items()}
    return {**{key: said[key] for key in kept}, "steady_emotion": face.steady, "smoothed": smoothed}  # type: ignore[literal-required]  # keys of FaceDict


def error_row(name: str, time: float | None, message: str) -> FilmRow:
    """Return the JSON object of a film that cannot be read, or not from this time on."""
    return {"film": name, "time": None if time is None else round(time, 3), "error": message}


def film_header(labels: Sequence[str]) -> list[str]:
    """Return the column names: those of photos, with the time, and with the smoothed share of each label."""
    start = ["film", "time", *CSV_START[1:]]
    return [*start, *labels, "steady_emotion", *(SMOOTHED + label for label in labels), *_END]


_END = ("model", "error", "target", "covered")


def film_cells(row: FilmRow, labels: Sequence[str]) -> list[Row]:
    """Return the cells of one row, in the order of ``film_header``."""
    shares, smoothed = row.get("probabilities", {}), row.get("smoothed", {})
    model = row.get("model", {})
    said = [row.get(key) for key in ("score", "emotion", "confidence", "confident")]
    return [
        [
            row["film"],
            row["time"],
            row.get("face"),
            *row.get("box", [None] * 4),
            *said,
            *(shares.get(label) for label in labels),
            row.get("steady_emotion"),
            *(smoothed.get(label) for label in labels),
            model.get("name"),
            row.get("error"),
            model.get("target"),
            row.get("covered"),
        ]
    ]


def film_text(row: FilmRow) -> str:
    """Return one line for a terminal."""
    name = printable(row["film"])
    if "error" in row:
        return f"{name}  error: {printable(row['error'])}\n"
    start = f"{name}  {row['time']:9.3f} s  "
    if row["face"] is None:
        return f"{start}no face\n"
    x, y, width, height = row["box"]
    label = row["steady_emotion"]
    share = row["smoothed"][label]
    return f"{start}face {row['face']}  {label} {share:.0%}  {x:.0f}, {y:.0f}, {width:.0f} × {height:.0f}\n"
