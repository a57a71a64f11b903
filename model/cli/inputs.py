"""What is to be read: photos, those in folders and in lists, and films."""

from __future__ import annotations

import argparse
import glob
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ..photo.errors import UnreadablePath
from ..photo.many import PICTURES, pictures_in
from .options import STDIN


@dataclass(frozen=True, slots=True)
class Inputs:
    """The names of all that is to be read, in order."""

    names: Sequence[str]
    many: bool  # Whether folders or a list are among them, so that nobody has typed every name.


def gather(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Inputs:
    """Return what the command names; where that is nothing, or cannot be listed, the command is a mistake."""
    given = expanded(options.photos)
    if [*given, options.files_from].count(STDIN) > 1:
        parser.error("standard input (-) holds one photo or one list, so - can be given only once")
    if options.files_from:
        given += _listed(parser, options.files_from)
    if not given:
        swallowed = "; photos go before --explain" if options.explain else ""
        parser.error(f"name at least one photo, or - for standard input{swallowed}")
    folders = [name for name in given if name != STDIN and os.path.isdir(name)]  # noqa: PTH112  # strings
    if options.glob and not folders:
        parser.error("--glob chooses files in folders, and no folder is named")
    try:
        names = [found for name in given for found in _in(name, folders, options)]
    except UnreadablePath as error:
        parser.error(error.message)
    if not names:
        chosen = (
            f"whose name is like {options.glob}" if options.glob else "(--glob takes files of other names)"
        )
        parser.error(f"there is no picture {chosen} in {', '.join(folders)}")
    return Inputs(names, bool(folders) or bool(options.files_from))


def _in(name: str, folders: Sequence[str], options: argparse.Namespace) -> Iterator[str]:
    """Yield the photos of a folder, or the name itself; stages that an earlier run wrote are none."""
    if name not in folders:
        yield name
        return
    own = os.path.join(os.path.abspath(options.stages), "") if options.stages else None  # noqa: PTH100, PTH118
    for path in pictures_in(name, options.glob):
        if own is None or not os.path.abspath(path).startswith(own):  # noqa: PTH100
            yield path


def _listed(parser: argparse.ArgumentParser, source: str) -> list[str]:
    """Return the names in a list: one a line, or separated by NUL, as ``find -print0`` writes them."""
    try:
        content = sys.stdin.buffer.read() if source == STDIN else Path(source).read_bytes()
    except OSError as error:
        parser.error(f"--files-from: {source} cannot be read ({error.strerror})")
    text = os.fsdecode(content.removeprefix(b"\xef\xbb\xbf"))
    # A name may hold anything else that ends a line to Python.
    names = text.split("\0") if "\0" in text else [line.removesuffix("\r") for line in text.split("\n")]
    found = [name for name in names if name.strip()]
    if not found:
        parser.error(f"--files-from: {'standard input' if source == STDIN else source} names no file")
    return found


def expanded(photos: Sequence[str]) -> list[str]:
    """Expand wildcards on Windows, whose shells leave that to the program; other names stay as they are."""
    if sys.platform != "win32":
        return list(photos)
    names: list[str] = []
    for given in photos:
        # Path.glob takes no absolute pattern. A name may hold brackets and be no pattern at all.
        found = [] if Path(given).exists() else sorted(glob.glob(given))  # noqa: PTH207
        names += found or [given]
    return names


def may_be_film(name: str) -> bool:
    """Whether a name is not a picture's."""
    return name != STDIN and not name.lower().endswith(PICTURES)
