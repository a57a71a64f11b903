"""Many photos: the pictures in a folder, and reading some at a time."""

from __future__ import annotations

import fnmatch
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar, cast

from numpy import ndarray
from PIL import Image

from .errors import UnreadablePath
from .sources import PhotoSource

T = TypeVar("T")
Given = TypeVar("Given")

# What a picture's name ends with. Formats that are not read are among them, so that they are named and not passed over.
PICTURES = (
    *(".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp"),
    *(
        ".gif",
        ".bmp",
        ".dib",
        ".tif",
        ".tiff",
        ".heic",
        ".heif",
        ".hif",
        ".avif",
        ".jp2",
        ".jxl",
        ".ppm",
        ".pgm",
    ),
)
JUNK = frozenset(
    ("__MACOSX", "Thumbs.db", "desktop.ini")
)  # What systems put into folders; dot files are others.


def pictures_in(folder: str | os.PathLike[str], glob: str | None = None) -> Iterator[str]:
    """Yield the paths of the pictures in a folder and in those within it, sorted by name.

    Dot files, what systems leave in folders, and folders behind symbolic links are passed over. ``glob`` chooses by
    name instead of by ending (``*.img``), or by path within the folder where it holds a slash (``day-1/*``). Raises
    UnreadablePath if the folder itself cannot be listed.
    """
    root = os.path.expanduser(os.fspath(folder))  # noqa: PTH111  # keeps the name as it was given

    def refuse(error: OSError) -> None:
        if error.filename == root:
            raise UnreadablePath(f"The folder “{root}” cannot be listed ({error.strerror}).") from error

    for place, folders, files in os.walk(root, onerror=refuse):
        folders[:] = sorted(name for name in folders if not _is_junk(name))
        for name in sorted(files):
            path = os.path.join(place, name)  # noqa: PTH118  # a million of them: strings, not objects
            if not _is_junk(name) and _chosen(os.path.relpath(path, root), glob):
                yield path


def wanted(path: str, glob: str | None = None) -> bool:
    """Whether ``pictures_in`` would yield this path within a folder; slashes are its separators."""
    return not any(map(_is_junk, path.split("/"))) and _chosen(path, glob)


def _is_junk(name: str) -> bool:
    return name.startswith(".") or name in JUNK


def _chosen(path: str, glob: str | None) -> bool:
    """Whether a path within the folder is asked for."""
    name = os.path.basename(path)  # noqa: PTH119  # see above
    if glob is None:
        return name.lower().endswith(PICTURES)
    return fnmatch.fnmatchcase(path.replace(os.sep, "/") if "/" in glob else name, glob)


def each_photo(photos: PhotoSource | Iterable[PhotoSource], glob: str | None = None) -> Iterator[PhotoSource]:
    """Yield single photos: those in folders, those of a list, or the one that is given."""
    # A file is iterable as well, by lines; so is an array, by rows.
    single = isinstance(photos, (str, os.PathLike, bytes, bytearray, memoryview, Image.Image, ndarray))
    single = single or hasattr(photos, "read") or not isinstance(photos, Iterable)
    several = cast("Iterable[PhotoSource]", (photos,) if single else photos)
    for photo in several:
        if isinstance(photo, (str, os.PathLike)) and os.path.isdir(os.path.expanduser(photo)):  # noqa: PTH111, PTH112
            yield from pictures_in(photo, glob)
        else:
            yield photo


def name_of(photo: object) -> str | None:
    """Return the path of a photo, or of the file that it is read from; None if it has none."""
    name = getattr(photo, "filename", None) or getattr(photo, "name", None)
    name = photo if isinstance(photo, (str, os.PathLike)) else name
    return os.fspath(name) if isinstance(name, (str, os.PathLike)) else None


def in_batches(work: Callable[..., T], items: Iterable[tuple[Given, ...]], batch: int) -> Iterator[T]:
    """Yield ``work(*item)`` of each item, in order, with up to ``batch`` of them under way in threads.

    Raises ValueError for a ``batch`` below 1, at once.
    """
    if batch < 1:
        raise ValueError(f"batch is at least 1, not {batch}")
    return _in_batches(work, items, batch)


def _in_batches(work: Callable[..., T], items: Iterable[tuple[Given, ...]], batch: int) -> Iterator[T]:
    waiting: deque[Future[T]] = deque()
    with ThreadPoolExecutor(min(batch, os.cpu_count() or 1), "photos") as threads:
        try:
            for item in items:
                waiting.append(threads.submit(work, *item))
                if len(waiting) >= batch:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for each in waiting:
                each.cancel()
