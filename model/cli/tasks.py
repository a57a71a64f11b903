"""Reading one photo: the results of every model, and the pictures that were asked for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..output.explanations import ExplanationWriter
from ..output.serialize import Result, analysis_to_dict, error_to_dict
from ..output.stage_images import StageImageWriter, owner_of, write_stages
from ..photo.errors import PhotoError
from .models import Reader


@dataclass(frozen=True, slots=True)
class Task:
    """One photo, and where its pictures go."""

    name: str
    content: bytes | None = None  # Of standard input; None: it is read from the file of this name.
    owner: str = ""  # What the pictures say of the photo (``owner_of``).
    folders: tuple[Path, ...] = ()  # For the stages, one for each model; empty: they are not asked for.
    stems: tuple[str, ...] = ()  # Of the names of the explanations' pictures, one for each model.
    rotate: bool = True  # Whether the photo may be rotated until a face is upright in it.


def make_task(
    name: str,
    content: bytes | None,
    models: Sequence[str],
    stages: StageImageWriter | None,
    pictures: ExplanationWriter | None,
) -> Task:
    """Return the task of a photo, with names for its pictures that no other photo has."""
    if not stages and not pictures:
        return Task(name, content)
    called, owner = ("stdin", owner_of(content)) if content is not None else (name, owner_of(name))
    marks = [model if len(models) > 1 else "" for model in models]
    return Task(
        name,
        content,
        owner,
        tuple(stages.reserve(called, owner, mark) for mark in marks) if stages else (),
        tuple(pictures.reserve(called, owner, mark) for mark in marks) if pictures else (),
    )


def perform(task: Task, reader: Reader, pictures: ExplanationWriter | None) -> list[Result]:
    """Read one photo and write its pictures; return its results, one for each model.

    A photo that cannot be read is one result with an error. Raises OSError if a picture cannot be written.
    """
    try:
        analyses = reader.analyze(task.name if task.content is None else task.content, rotate=task.rotate)
    except PhotoError as error:
        return [error_to_dict(task.name, error)]
    for folder, analysis in zip(task.folders, analyses, strict=bool(task.folders)):
        write_stages(folder, task.owner, analysis)
    if pictures:
        for stem, analysis in zip(task.stems, analyses, strict=True):
            pictures.write(stem, task.owner, task.name, analysis)
    return [analysis_to_dict(task.name, analysis) for analysis in analyses]
