"""Where records go: standard output, or a file that a later run goes on with."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

from .layouts import LAYOUTS, NotOurs, Record, Shape

Aside = Callable[[], AbstractContextManager[object]]


class CannotGoOn(Exception):
    """A file that is there already is not this run's; the message says why."""


class Sink(Protocol):
    """Takes records. ``close`` leaves complete output, however far the run came."""

    @property
    def done(self) -> Collection[str]:
        """The photos or films that an earlier run has written, as ``model.output.layouts.written`` names them."""
        ...

    def write(self, records: Sequence[Record]) -> None:
        """Write all records of one photo, or some of a film. Raises OSError."""
        ...

    def close(self) -> None: ...


class Printed:
    """Standard output; nothing there is gone on with."""

    def __init__(self, kind: str, shape: Shape, aside: Aside = nullcontext) -> None:
        """``aside`` is a context in which the terminal is free of anything else, such as a progress bar."""
        self._layout = LAYOUTS[kind](shape)
        self._aside = aside
        self._empty = True
        self._print(self._layout.begin())

    @property
    def done(self) -> Collection[str]:
        return ()

    def write(self, records: Sequence[Record]) -> None:
        for record in records:
            self._print(self._layout.piece(record, first=self._empty))
            self._empty = False

    def close(self) -> None:
        self._print(self._layout.end(empty=self._empty))

    def _print(self, text: str) -> None:
        if text:
            with self._aside():
                print(text, end="", flush=True)


class Written:
    """A file; what an earlier run wrote there completely is kept, and gone on with.

    Each call of ``write`` is one call of the system, so that a process that is killed leaves whole photos.
    """

    def __init__(
        self, path: Path, kind: str, shape: Shape, models: Collection[str], *, keep_last: bool = True
    ) -> None:
        """Open the file, or make it. ``models`` are those of this run.

        The last photo is dropped, to be read again, if it is not all there, or without ``keep_last``. Raises CannotGoOn
        if the file holds something else, and OSError.
        """
        self._layout = LAYOUTS[kind](shape)
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._file = os.open(path, flags, 0o666)
        try:
            self.done, end = self._earlier(path, models, keep_last)
            self._empty = not self.done
            os.ftruncate(self._file, end)
            os.lseek(self._file, 0, os.SEEK_END)
            if self._empty:
                self._put(self._layout.begin())
        except BaseException:
            os.close(self._file)
            raise

    def write(self, records: Sequence[Record]) -> None:
        pieces = []
        for record in records:
            pieces.append(self._layout.piece(record, first=self._empty))
            self._empty = False
        self._put("".join(pieces))

    def close(self) -> None:
        try:
            self._put(self._layout.end(empty=self._empty))
        finally:
            os.close(self._file)

    def _put(self, text: str) -> None:
        content = memoryview(text.encode("utf-8", "backslashreplace"))
        while content:
            content = content[os.write(self._file, content) :]

    def _earlier(self, path: Path, models: Collection[str], keep_last: bool) -> tuple[set[str], int]:
        """Return what is done, and where it ends in the file."""
        done: set[str] = set()
        last, start, end = "", 0, 0
        with path.open("rb") as file:
            try:
                for record in self._layout.read_back(file):
                    if record.name != last:
                        last, start = record.name, end
                    if record.model is not None and record.model not in models:
                        raise NotOurs(f"it has answers of the model {record.model}")
                    done.add(record.name)
                    end = record.end
            except NotOurs as error:
                raise CannotGoOn(str(error)) from error
            file.seek(end)
            cut = bool(file.read().strip(b"\n,]")) and bool(done)
        if done and (cut or not keep_last):
            done.discard(last)
            return done, start if done else 0
        return done, end if done else 0
