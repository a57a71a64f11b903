"""Over many photos: how many faces each contender finds, and how many expressions it reads as people did."""

from __future__ import annotations

import statistics
from pathlib import Path

from bench.contenders import Contender
from bench.report import Counted, Read
from bench.scenes import Scene, matched
from training.data.real_photos import read_real_photos


def count(contenders: list[Contender], scenes: list[Scene]) -> dict[str, Counted]:
    """How many faces each contender finds on the counted photos, and how many of its boxes are none."""
    totals = {contender.name: [0, 0, 0.0] for contender in contenders}
    for scene in scenes:
        for contender in contenders:
            answer = contender.ask(scene.path)
            hits = matched(answer["boxes"], scene.faces)
            totals[contender.name][0] += hits
            totals[contender.name][1] += len(answer["boxes"]) - hits
            totals[contender.name][2] += answer["ms"]
    faces = sum(len(scene.faces) for scene in scenes)
    return {
        name: Counted(int(found), int(false), faces, len(scenes), total / len(scenes))
        for name, (found, false, total) in totals.items()
    }


def read_expressions(
    contenders: list[Contender], folder: Path, source: Path, step: int = 1
) -> dict[str, Read]:
    """How many of the real photos of report, or each ``step``th, each contender reads as who labelled them."""
    photos = read_real_photos(source, "report")[::step]
    given: dict[str, list[str | None]] = {contender.name: [] for contender in contenders}
    for photo in photos:
        path = folder / "read.jpg"
        path.write_bytes(photo.content)
        for contender in contenders:
            answer = contender.ask(path)
            faces = zip(answer["boxes"], answer["labels"], strict=True)
            _, label = max(faces, key=lambda face: face[0][2] * face[0][3], default=(None, None))
            given[contender.name].append(label)
    labels = [photo.label for photo in photos]
    return {name: _read(labels, answers) for name, answers in given.items()}


def _read(labels: list[str], answers: list[str | None]) -> Read:
    hits = [label == answer for label, answer in zip(labels, answers, strict=True)]
    recalls = {
        expression: statistics.mean(
            hit for hit, label in zip(hits, labels, strict=True) if label == expression
        )
        for expression in sorted(set(labels))
    }
    return Read(len(labels), sum(answer is not None for answer in answers), sum(hits), recalls)
