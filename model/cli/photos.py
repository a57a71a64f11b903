"""Read the photos one after the other, write their pictures, and format the results."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Sequence

from ..output.explanations import ExplanationWriter
from ..output.serialize import Result, analysis_to_dict, error_to_dict
from ..output.stage_images import StageImageWriter, owner_of
from ..output.tables import csv_header, csv_rows, csv_text, table_text
from ..photo.load import PhotoError
from .models import Reader
from .options import STDIN


def read_photos(
    reader: Reader,
    photos: Sequence[str],
    stages: StageImageWriter | None,
    pictures: ExplanationWriter | None,
    refused: list[str],
) -> Iterator[Result]:
    """Yield each photo's results, one for each model, in the given order; unreadable photos go to ``refused``."""
    for name in photos:
        try:
            analyses = reader.analyze(sys.stdin.buffer.read() if name == STDIN else name)
        except PhotoError as error:
            refused.append(name)
            yield error_to_dict(name, error)
            continue
        for analysis in analyses:
            model = analysis.model.name if len(analyses) > 1 else ""
            called = "stdin" if name == STDIN else name
            owner = owner_of(analysis.photo.pixels if name == STDIN else name)
            if stages:
                stages.write(called, analysis, model, owner)
            if pictures:
                pictures.write(pictures.reserve(called, owner, model), owner, name, analysis)
            yield analysis_to_dict(name, analysis)


def formatted(kind: str, results: Iterable[Result], labels: Sequence[str]) -> Iterator[str]:
    """Yield the output in pieces, so that a photo's results are printed before the next photo is analyzed."""
    if kind == "json":
        start = "[\n"
        for result in results:
            yield start + json.dumps(result, ensure_ascii=False, allow_nan=False)
            start = ",\n"
        yield "\n]\n"
    elif kind == "csv":
        yield csv_text([csv_header(labels)])
        for result in results:
            yield csv_text(csv_rows(result, labels))
    else:
        for result in results:
            yield table_text(result)
