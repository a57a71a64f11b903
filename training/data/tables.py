"""Csv files as people have them: any of three encodings and separators, spaces and capitals in the names of columns."""

from __future__ import annotations

import codecs
import csv
import io
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

SEPARATORS = ",;\t"
# What spreadsheets write before their text says how it is encoded; UTF-8 where nothing does (RFC 3629, section 6).
ENCODING_OF_MARK = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
HEADER_CHARACTERS = 64 * 1024


class TableError(Exception):
    """The file is no table that can be read; the message says why, without the file's name."""


@dataclass(frozen=True, slots=True)
class Table:
    """A csv file with its header read."""

    columns: tuple[str, ...]  # as in the file, less the spaces around them
    rows: Iterator[tuple[int, dict[str, str]]]  # line in the file, counted from 1, and its values by column

    def column(self, name: str) -> str | None:
        """The column of this name, whatever its capitals; None where there is none."""
        return next((column for column in self.columns if column.casefold() == name.casefold()), None)


@contextmanager
def open_table(file: BinaryIO) -> Iterator[Table]:
    """Read a csv's header, and its rows as they are asked for; empty lines are skipped. The file stays open.

    Raises TableError, from the rows too: an encoding that is not UTF-8 or marked UTF-16, a NUL byte, a row that
    has more or fewer values than the header.
    """
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    text = io.TextIOWrapper(file, _encoding(file), newline="")
    try:
        columns, separator = _header(text)
        yield Table(columns, _rows(text, columns, separator))
    finally:
        text.detach()


def _header(text: io.TextIOWrapper) -> tuple[tuple[str, ...], str]:
    """The names in the first line, and what separates them."""
    try:
        header = text.readline(HEADER_CHARACTERS)
    except UnicodeError as error:
        raise _not_utf8(1) from error
    separator = max(SEPARATORS, key=header.count)
    names = next(csv.reader([header], delimiter=separator), []) if "\0" not in header else []
    return tuple(name.strip() for name in names), separator


def _encoding(file: BinaryIO) -> str:
    """The encoding that the first bytes say; leaves the file at its beginning."""
    start = file.read(4)
    file.seek(0)
    return next((encoding for mark, encoding in ENCODING_OF_MARK if start.startswith(mark)), "utf-8")


def _rows(
    text: io.TextIOWrapper, columns: tuple[str, ...], separator: str
) -> Iterator[tuple[int, dict[str, str]]]:
    reader = csv.reader(text, delimiter=separator)
    line = 1
    while True:
        try:
            values = next(reader, None)
        except UnicodeError as error:
            raise _not_utf8(line + 1) from error
        except csv.Error as error:
            raise TableError(f"line {line + 1} is no csv ({error}).") from error
        if values is None:
            return
        line = 1 + reader.line_num
        if not any(value.strip() for value in values):
            continue
        if len(values) != len(columns):
            raise TableError(
                f"line {line} has {len(values)} values instead of {len(columns)}: it is cut, or from elsewhere."
            )
        yield line, dict(zip(columns, (value.strip() for value in values), strict=True))


def _not_utf8(line: int) -> TableError:
    return TableError(
        f"about line {line} a character is not UTF-8. Save the file as csv in UTF-8, or download it again."
    )
