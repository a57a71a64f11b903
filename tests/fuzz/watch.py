"""Peak memory of a request, and files that it wrote."""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Writes:
    """The paths that Python opens for writing while ``listening``; an audit hook can't be taken off again."""

    def __init__(self) -> None:
        self.listening = False
        self.paths: list[str] = []
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.listening and event == "open" and arguments[2] is not None and arguments[2] & WRITING:
            self.paths.append(str(arguments[0]))


@contextmanager
def empty_places() -> Iterator[list[Path]]:
    """RequestStats in empty folders: the working one, the one for temporary files, and the home; yields them."""
    before = Path.cwd()
    kept = {name: os.environ.get(name) for name in ("TMPDIR", "HOME")}
    with tempfile.TemporaryDirectory() as folder:
        places = [Path(folder) / name for name in ("work", "tmp", "home")]
        for place in places:
            place.mkdir()
        os.chdir(places[0])
        os.environ |= {"TMPDIR": str(places[1]), "HOME": str(places[2])}
        tempfile.tempdir = None
        try:
            yield places
        finally:
            os.chdir(before)
            for name, value in kept.items():
                os.environ.pop(name)
                os.environ |= {} if value is None else {name: value}
            tempfile.tempdir = None


def files_in(places: list[Path]) -> list[str]:
    """Return the files below these folders."""
    return [str(path) for place in places for path in place.rglob("*") if not path.is_dir()]


def forget_peak() -> None:
    """Let the peak of the process's memory start anew from what it holds now; Linux only, nothing elsewhere."""
    if RESET.exists():
        # Five is the peak's number in the kernel's list.
        RESET.write_text("5")


def peak() -> float:
    """Return the highest resident memory since ``forget_peak``, or of the whole run, in megabytes."""
    if STATUS.exists():
        line = next(line for line in STATUS.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
