"""Where the photos of a bulk run are: a folder, a list of them, a bucket, or a list on a server."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from ..photo.errors import UnreadablePath
from ..photo.many import PICTURES, pictures_in, wanted
from .errors import BulkError, MissingPackage

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

# The schemes that are read, and the package that fsspec asks for.
PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "https": "aiohttp",
    "http": "aiohttp",
}
WEB = ("https", "http")
ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
MOST_BYTES = 100_000_000  # Of one photo that is fetched.
WAITS = (1.0, 4.0)  # Seconds before the second and the third try to fetch a photo.


def is_address(name: str) -> bool:
    """Whether a name is no path."""
    return ADDRESS.match(name) is not None


def _scheme(address: str) -> str:
    """Return what stands before ``://``. Raises BulkError for what is not read."""
    scheme = address.partition("://")[0].lower()
    if scheme not in PACKAGES:
        known = ", ".join(f"{each}://" for each in PACKAGES)
        raise BulkError(f"“{address}” begins with {scheme}://, which is not read: name a path, or {known}.")
    return scheme


def list_photos(source: str, glob: str | None = None) -> list[str]:
    """Return the photos of a source, as absolute paths or addresses, sorted if it is a folder.

    A file that is no picture is a list: one name a line, or separated by NUL. Names in a local list are paths from the
    current folder, or addresses; names in a list that is fetched are taken from where the list is. Raises BulkError.
    """
    try:
        found = _in_store(source, glob) if is_address(source) else _on_disk(source, glob)
    except UnreadablePath as error:
        raise BulkError(error.message) from error
    if not found:
        like = f" whose name is like {glob}" if glob else ""
        raise BulkError(f"There is no picture{like} in “{source}”.")
    return found


def fetch(name: str) -> bytes:
    """Return the content of the photo at an address. Raises UnreadablePath, after three tries where that may help."""
    for wait in (*WAITS, None):
        try:
            return _fetched(name)
        except BulkError as error:
            raise UnreadablePath(str(error)) from error
        except FileNotFoundError as error:
            raise UnreadablePath(f"There is nothing at “{name}”. Check the address.") from error
        except PermissionError as error:
            raise UnreadablePath(f"“{name}” may not be read. Check the credentials.") from error
        except Exception as error:  # Each store has exceptions of its own.
            if wait is None:
                why = str(error).strip() or type(error).__name__
                raise UnreadablePath(f"“{name}” cannot be fetched ({why}).") from error
            time.sleep(wait)
    raise AssertionError("the last try returns or raises")


def _fetched(name: str) -> bytes:
    files, path = _store(name)
    with files.open(path, "rb") as file:
        content = bytes(file.read(MOST_BYTES + 1))
    if len(content) > MOST_BYTES:
        raise BulkError(f"“{name}” has more than {MOST_BYTES // 1_000_000} MB. Make it smaller.")
    return content


def _on_disk(source: str, glob: str | None) -> list[str]:
    place = Path(source).expanduser().absolute()
    if place.is_dir():
        return [os.path.normpath(found) for found in pictures_in(place, glob)]
    if not place.exists():
        raise BulkError(f"There is no file or folder “{source}”. Check the path and its spelling.")
    _no_glob(source, glob)
    if source.lower().endswith(PICTURES):
        return [os.path.normpath(place)]
    try:
        names = names_in(place.read_bytes())
    except OSError as error:
        raise BulkError(f"The list “{source}” cannot be read ({error.strerror}).") from error
    return [name if is_address(name) else _absolute(name) for name in names]


def _absolute(name: str) -> str:
    return os.path.abspath(os.path.expanduser(name))  # noqa: PTH100, PTH111  # a million of them: strings, not objects


def _in_store(source: str, glob: str | None) -> list[str]:
    try:
        files, path = _store(source)
        if _scheme(source) not in WEB and not files.isfile(path):
            root = path.rstrip("/")
            return sorted(
                files.unstrip_protocol(found)
                for found in files.find(root)
                if wanted(found.removeprefix(root).lstrip("/"), glob)
            )
        _no_glob(source, glob)
        if urlsplit(source).path.lower().endswith(PICTURES):
            return [source]
        content = files.cat_file(path)
    except (BulkError, ImportError):
        raise
    except Exception as error:  # Each store has exceptions of its own.
        why = str(error).strip() or type(error).__name__
        raise BulkError(f"“{source}” cannot be listed ({why}). Check address and credentials.") from error
    return [_from(source, name) for name in names_in(content)]


def _from(source: str, name: str) -> str:
    """Return the address of a name in a list that was fetched. It names no file of this machine, whatever it says."""
    if is_address(name):
        return name
    if _scheme(source) in WEB:
        return urljoin(source, name)
    return f"{source.rpartition('/')[0]}/{name.lstrip('/')}"


def _no_glob(source: str, glob: str | None) -> None:
    if glob:
        raise BulkError(f"--glob chooses files in a folder, and “{source}” is none.")


def names_in(content: bytes) -> list[str]:
    """Return the names in a list, one a line or separated by NUL. Raises BulkError if there is none."""
    text = os.fsdecode(content.removeprefix(b"\xef\xbb\xbf"))
    lines: Iterable[str] = text.split("\0") if "\0" in text else text.splitlines()
    found = [name for name in lines if name.strip()]
    if not found:
        raise BulkError("The list names no photo.")
    return found


def _store(name: str) -> tuple[AbstractFileSystem, str]:
    """Return the file system of an address, and the path in it. Raises MissingPackage."""
    scheme = _scheme(name)
    try:
        import fsspec

        # By its scheme, and not by fsspec.open, to which “::” in a name is a chain of file systems.
        files = fsspec.filesystem(scheme)
    except ImportError as error:
        raise MissingPackage(
            f"{scheme}:// needs fsspec and {PACKAGES[scheme]}: pip install fsspec {PACKAGES[scheme]}"
        ) from error
    return files, str(files._strip_protocol(name))
