"""What a Heroku slug of this tree would weigh, compressed: ``python -m scripts.slug_size`` (make slug-size).

A slug holds what git tracks less what ``.slugignore`` names, the packages of requirements.txt as they are installed
here, and Python itself (https://devcenter.heroku.com/articles/slug-compiler). It is a gzipped tar. Exit code 1 beyond
the limit.
"""

from __future__ import annotations

import argparse
import fnmatch
import gzip
import subprocess
import sys
import sysconfig
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path, PurePosixPath

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
LIMIT = 180_000_000  # Bytes that the project allows itself; Heroku's limit is 500 MB.
LEFT_OUT = {"site-packages", "__pycache__", "test", "tests", "idlelib"}  # Of Python's own library.


@dataclass(frozen=True, slots=True)
class Part:
    """Some of the slug."""

    name: str
    files: int  # How many.
    raw: int  # Bytes on the disk of a dyno.
    packed: int  # Bytes of its own gzipped tar.


class Counter:
    """A file that keeps the number of its bytes alone."""

    def __init__(self) -> None:
        self.bytes = 0

    def write(self, data: bytes) -> int:
        self.bytes += len(data)
        return len(data)


def main(argv: Sequence[str] | None = None) -> int:
    """Print the parts and their sum."""
    parser = argparse.ArgumentParser(prog="python -m scripts.slug_size", description=__doc__)
    parser.parse_args(argv)
    patterns = (ROOT / ".slugignore").read_text("utf-8").split()
    parts = [
        measured("this tree, less .slugignore", (ROOT / name for name in kept(tracked(ROOT), patterns))),
        measured("packages of requirements.txt", installed(ROOT / "requirements.txt")),
        measured(f"Python {sys.version.split()[0]}", python_files()),
    ]
    for part in parts:
        print(
            f"{part.packed / 1e6:6.1f} MB packed {part.raw / 1e6:7.1f} MB raw {part.files:6,} files  {part.name}"
        )
    total = sum(part.packed for part in parts)
    print(f"{total / 1e6:6.1f} MB in all; {LIMIT / 1e6:.0f} MB are allowed")
    return int(total > LIMIT)


def tracked(root: Path) -> list[str]:
    """Return the paths that git tracks."""
    listed = subprocess.run(["git", "-C", root, "ls-files", "-z"], check=True, capture_output=True)  # noqa: S603, S607
    return [name for name in listed.stdout.decode().split("\0") if name]


def kept(names: Iterable[str], patterns: Sequence[str]) -> list[str]:
    """Return the paths that no pattern of a .slugignore names: ``/a/b`` from the top, ``*.keras`` anywhere."""
    return [name for name in names if not any(_names(pattern, PurePosixPath(name)) for pattern in patterns)]


def _names(pattern: str, path: PurePosixPath) -> bool:
    if pattern.startswith("/"):
        depth = pattern.strip("/").count("/") + 1
        return fnmatch.fnmatchcase("/".join(path.parts[:depth]), pattern.strip("/"))
    return any(fnmatch.fnmatchcase(part, pattern.rstrip("/")) for part in path.parts)


def installed(requirements: Path) -> Iterator[Path]:
    """Yield the files of the packages pinned for this system. Raises PackageNotFoundError if one is missing."""
    for line in requirements.read_text("utf-8").splitlines():
        if not line[:1].isalnum():
            continue
        wanted = Requirement(line.rstrip(" \\"))
        if wanted.marker is None or wanted.marker.evaluate():
            for file in metadata.distribution(wanted.name).files or ():
                yield Path(str(file.locate()))


def python_files() -> Iterator[Path]:
    """Yield the interpreter and its library, less what a dyno's Python comes without."""
    yield Path(sys.executable).resolve()
    library = Path(sysconfig.get_path("stdlib"))
    for path in library.rglob("*"):
        if not LEFT_OUT & set(path.relative_to(library).parts) and path.suffix != ".a":
            yield path


def measured(name: str, files: Iterable[Path]) -> Part:
    """Return how much the files weigh."""
    sink, count, raw = Counter(), 0, 0
    with (
        gzip.GzipFile(fileobj=sink, mode="wb", compresslevel=6) as packed,  # type: ignore[call-overload]  # it writes
        tarfile.open(fileobj=packed, mode="w|") as tar,
    ):
        for path in files:
            if path.is_file() and not path.is_symlink():
                count, raw = count + 1, raw + path.stat().st_size
                tar.add(path)
    return Part(name, count, raw, sink.bytes)


if __name__ == "__main__":
    raise SystemExit(main())
