"""How records are laid out as text, so that a file that was left in the middle can be gone on with.

A record is what JSON shows: the result of one photo, or one row of a film. Each layout can read back what it wrote, as
far as it is complete.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, NamedTuple, Protocol

from .tables import Row, as_text, csv_text, plain_text

Record = Mapping[str, Any]


class NotOurs(Exception):
    """A file is not one that this layout wrote; the message says what is odd about it."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What the records are like."""

    key: str  # Whose value the records of one photo or film share: "photo" or "film".
    columns: Sequence[str]  # Of the rows; one is called "model".
    rows: Callable[[Any], list[Row]]  # The rows of a record.
    table: Callable[[Any], str]  # A record as text for a terminal.


class Earlier(NamedTuple):
    """One complete record of a file."""

    end: int  # Where it ends, in bytes.
    name: str  # Its photo or film, as ``written`` has it.
    model: str | None  # None for an error.


class Layout(Protocol):
    """Records as text."""

    def begin(self) -> str: ...

    def piece(self, record: Record, *, first: bool) -> str: ...

    def end(self, *, empty: bool) -> str: ...

    def read_back(self, file: BinaryIO) -> Iterator[Earlier]:
        """Yield the complete records of a file from its beginning. Raises NotOurs."""
        ...


def written(name: str) -> str:
    """Return a file's name as it stands in a file: bytes that are no text are escaped there."""
    return name.encode("utf-8", "backslashreplace").decode()


def as_json(record: Record) -> str:
    """Return a record on one line."""
    return json.dumps(record, ensure_ascii=False, allow_nan=False)


class JsonLines:
    """One object a line."""

    def __init__(self, shape: Shape) -> None:
        self._key = shape.key

    def begin(self) -> str:
        return ""

    def piece(self, record: Record, *, first: bool) -> str:
        return as_json(record) + "\n"

    def end(self, *, empty: bool) -> str:
        return ""

    def read_back(self, file: BinaryIO) -> Iterator[Earlier]:
        end = 0
        for line in file:
            if not line.endswith(b"\n"):
                return
            end += len(line)
            yield _earlier(end, line, self._key)


class JsonArray:
    """One array, one object a line."""

    def __init__(self, shape: Shape) -> None:
        self._key = shape.key

    def begin(self) -> str:
        return ""

    def piece(self, record: Record, *, first: bool) -> str:
        return ("[\n" if first else ",\n") + as_json(record)

    def end(self, *, empty: bool) -> str:
        return "[\n]\n" if empty else "\n]\n"

    def read_back(self, file: BinaryIO) -> Iterator[Earlier]:
        start = file.readline()
        if start not in (b"", b"[\n"):
            raise NotOurs("it is not an array with one object a line")
        end = len(start)
        for line in file:
            text = line.rstrip(b"\n")
            text = text.removesuffix(b",")
            if text == b"]":
                return
            try:
                yield _earlier(end + len(text), text, self._key)
            except NotOurs:
                if line.endswith(b"\n"):
                    raise
                return
            end += len(line)


def _earlier(end: int, line: bytes, key: str) -> Earlier:
    try:
        record = json.loads(line)
        model = record.get("model")
        return Earlier(end, written(record[key]), model["name"] if model else None)
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise NotOurs(f"it has a line that is no object with “{key}”") from error


class Csv:
    """A header and rows, as ``model.output.tables`` makes them."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def begin(self) -> str:
        return csv_text([self._shape.columns])

    def piece(self, record: Record, *, first: bool) -> str:
        return csv_text([as_text(row) for row in self._shape.rows(record)])

    def end(self, *, empty: bool) -> str:
        return ""

    def read_back(self, file: BinaryIO) -> Iterator[Earlier]:
        complete = _CompleteLines(file)
        model = self._shape.columns.index("model")
        try:
            rows = csv.reader(complete, strict=True)
            header = next(rows, None)
            if header not in (None, list(self._shape.columns)):
                raise NotOurs("its columns are others")
            for row in rows:
                yield Earlier(complete.end, plain_text(row[0]), row[model] or None)
        except (csv.Error, IndexError, ValueError) as error:
            if not complete.over:
                raise NotOurs(f"it is no CSV of this kind ({error})") from error


class _CompleteLines:
    """The lines of a file but a last one that is cut off, and how many bytes they have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.end = 0
        self.over = False  # Whether there are no more: a quoted cell of several lines may be cut off there.

    def __iter__(self) -> Iterator[str]:
        for line in self._file:
            if line.endswith(b"\n"):
                self.end += len(line)
                yield line.decode("utf-8")
        self.over = True


class Table:
    """For a terminal."""

    def __init__(self, shape: Shape) -> None:
        self._shape = shape

    def begin(self) -> str:
        return ""

    def piece(self, record: Record, *, first: bool) -> str:
        return self._shape.table(record)

    def end(self, *, empty: bool) -> str:
        return ""

    def read_back(self, file: BinaryIO) -> Iterator[Earlier]:
        if file.read(1):
            raise NotOurs("a table is for reading and cannot be gone on with")
        yield from ()


LAYOUTS: dict[str, Callable[[Shape], Layout]] = {
    "table": Table,
    "json": JsonArray,
    "jsonl": JsonLines,
    "csv": Csv,
}
