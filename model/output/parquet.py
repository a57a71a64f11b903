"""Parquet files, by pyarrow, which is optional.

A Parquet file is readable only once its end is written. So records are first written as JSON lines to a file beside it,
which a killed run leaves for the next to go on with; ``close`` makes them one file with what was in it before.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .layouts import Record, Shape, written
from .sinks import CannotGoOn, Written

if TYPE_CHECKING:
    import pyarrow

ROWS = 2_000  # Of one group, which is held in memory.
TEXT = ("photo", "film", "emotion", "steady_emotion", "model", "error", "target")
OTHER = {"face": "int32", "confident": "bool", "truncated": "bool"}  # All else are float64.


class MissingPyarrow(Exception):
    """pyarrow is not installed; the message says what to do."""


class Parquet:
    """A Parquet file; what an earlier run wrote there is kept and gone on with."""

    def __init__(self, path: Path, shape: Shape, models: Collection[str], *, keep_last: bool = True) -> None:
        """Prepare the file. Raises MissingPyarrow, CannotGoOn if it holds something else, and OSError."""
        self._schema = schema_of(shape.columns)
        self._path, self._shape = path, shape
        self._beside = path.with_name(path.name + ".part")
        earlier = self._earlier(models)
        self._lines = Written(self._beside, "jsonl", shape, models, keep_last=keep_last)
        self.done = earlier | self._lines.done

    def write(self, records: Sequence[Record]) -> None:
        self._lines.write(records)

    def close(self) -> None:
        from pyarrow import parquet

        self._lines.close()
        new = self._path.with_name(self._path.name + ".new")
        with parquet.ParquetWriter(new, self._schema) as writer:
            if self._path.exists():
                with parquet.ParquetFile(self._path) as old:
                    for batch in old.iter_batches(ROWS):
                        writer.write_batch(batch)
            rows = (row for record in self._records() for row in self._shape.rows(record))
            while group := list(itertools.islice(rows, ROWS)):
                writer.write_batch(batch_of(group, self._schema))
        new.replace(self._path)
        self._beside.unlink()

    def _records(self) -> Iterator[Any]:
        with self._beside.open(encoding="utf-8") as file:
            yield from map(json.loads, file)

    def _earlier(self, models: Collection[str]) -> set[str]:
        """Return the photos that are in the file."""
        if not self._path.exists():
            return set()
        import pyarrow
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(self._path) as old:
                if old.schema_arrow != self._schema:
                    raise CannotGoOn("its columns are others")
                done: set[str] = set()
                for batch in old.iter_batches(ROWS, columns=[self._shape.key, "model"]):
                    done.update(batch.column(0).to_pylist())
                    if others := set(batch.column(1).to_pylist()) - {None, *models}:
                        raise CannotGoOn(f"it has answers of the model {min(others)}")
                return done
        except pyarrow.ArrowInvalid as error:
            raise CannotGoOn("it is no Parquet file") from error


def schema_of(columns: Sequence[str]) -> pyarrow.Schema:
    """Return the types of the columns. Raises MissingPyarrow."""
    try:
        import pyarrow
    except ImportError as error:
        raise MissingPyarrow(
            "Parquet files need pyarrow, which is not installed: pip install pyarrow, or choose another format"
        ) from error
    return pyarrow.schema(
        [(name, "string" if name in TEXT else OTHER.get(name, "float64")) for name in columns]
    )


def batch_of(rows: Sequence[Sequence[object]], schema: pyarrow.Schema) -> pyarrow.RecordBatch:
    """Return rows, at least one, as Parquet takes them."""
    import pyarrow

    columns = zip(zip(*rows, strict=True), schema, strict=True)
    return pyarrow.record_batch(
        [pyarrow.array(_plain(values), field.type) for values, field in columns], schema=schema
    )


def write_rows(path: Path, rows: Sequence[Sequence[object]], columns: Sequence[str]) -> None:
    """Write rows, at least one, as a whole file. Raises MissingPyarrow and OSError."""
    from pyarrow import parquet

    schema = schema_of(columns)
    with parquet.ParquetWriter(path, schema) as writer:
        writer.write_batch(batch_of(rows, schema))


def _plain(values: Sequence[object]) -> list[object]:
    """Return values that Parquet can hold: bytes of a name that are no text are escaped, as in the other files."""
    return [written(value) if isinstance(value, str) else value for value in values]
