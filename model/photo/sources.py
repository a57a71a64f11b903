"""What a caller may hand in as a photo: bytes, a path, an open file, or an array."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ..geometry import Pixels
from .errors import EmptyPhoto, UnreadablePath, UnsupportedArray
from .formats import HEAD_BYTES, format_of

CHANNELS = (3, 4)  # RGB and RGBA.
Scale = Literal["unit"]  # What the floats of an array are: "unit" is 0…1.


@runtime_checkable
class BinaryFile(Protocol):
    """A file, or anything else with a ``read`` that gives bytes."""

    def read(self, size: int = ..., /) -> bytes: ...


PhotoSource = (
    bytes | bytearray | memoryview | str | os.PathLike[str] | BinaryFile | Image.Image | NDArray[Any]
)


def read_source(source: object) -> bytes:
    """Return the content of bytes, of a path (``~`` is the home folder) or of an open file.

    Of what is no photo only the first bytes are read. Raises UnreadablePath, and TypeError that names the way out.
    """
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source)
    if isinstance(source, (str, os.PathLike)):
        return _read_path(os.fspath(source))
    if isinstance(source, BinaryFile):
        return _read_file(source)
    many = ": analyze_many reads several" if isinstance(source, (list, tuple, set, dict)) else ""
    convert = ": convert it with numpy.asarray, to (height, width, 3)" if hasattr(source, "__array__") else ""
    raise TypeError(
        "A photo is bytes, a path, a file opened for reading in binary, a Pillow image or a NumPy array, "
        f"not {type(source).__name__}{many or convert}."
    )


def as_uint8(array: NDArray[Any], scale: Scale | None) -> Pixels:
    """Return the array as gray, RGB or RGBA uint8. Raises UnsupportedArray, and EmptyPhoto if it has no pixels."""
    if scale not in (None, "unit"):
        raise ValueError(f'scale is "unit" (floats from 0 to 1) or left out, not {scale!r}')
    if array.size == 0:
        raise EmptyPhoto("The picture array has no pixels. Pass one of at least 1×1 pixel.")
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if array.ndim != 2 and (array.ndim != 3 or array.shape[2] not in CHANNELS):
        raise UnsupportedArray(
            "A picture array is gray (height, width), RGB (height, width, 3) or RGBA (height, width, 4); "
            f"this one is {array.dtype} of shape {array.shape}. Convert it first."
        )
    if scale == "unit":
        array = _from_unit(array)
    if array.dtype != np.uint8:
        hint = ' If its values are 0 to 1, say scale="unit".' if array.dtype.kind == "f" else ""
        raise UnsupportedArray(
            f"A picture array is uint8, 0 to 255; this one is {array.dtype} of shape {array.shape}. "
            f"Convert it first.{hint}"
        )
    return np.ascontiguousarray(array)


def _from_unit(array: NDArray[Any]) -> Pixels:
    if array.dtype.kind != "f":
        raise UnsupportedArray(f'scale="unit" is for floats from 0 to 1, and this array is {array.dtype}.')
    # NaN is in no range.
    if not (array.min() >= 0 and array.max() <= 1):
        raise UnsupportedArray(
            f'With scale="unit" all values are 0 to 1; these are {array.min():g} to {array.max():g}.'
        )
    return np.asarray(np.rint(array.astype(np.float64) * 255), np.uint8)


def _read_file(file: BinaryFile) -> bytes:
    try:
        head = file.read(HEAD_BYTES)
    except (OSError, ValueError) as error:
        raise UnreadablePath(f'The file cannot be read ({error}). Open it anew with mode "rb".') from error
    if not isinstance(head, bytes):
        raise TypeError('The file is opened as text; a photo is opened with mode "rb".')
    return head + file.read() if format_of(head) else head


def _read_path(name: str) -> bytes:
    """Return the file's content, or only its first bytes if they are not a photo's."""
    path = os.path.expanduser(name)  # noqa: PTH111  # Path("") would be the current folder
    try:
        with open(path, "rb") as file:  # noqa: PTH123  # Path("") would be the current folder
            head = file.read(HEAD_BYTES)
            return head + file.read() if format_of(head) else head
    except FileNotFoundError as error:
        raise UnreadablePath(f"There is no file “{name}”. Check the path and its spelling.") from error
    except IsADirectoryError as error:
        raise UnreadablePath(f"“{name}” is a folder. Name the photo inside it.") from error
    except PermissionError as error:
        # Windows refuses to open a folder with this error.
        if Path(path).is_dir():
            raise UnreadablePath(f"“{name}” is a folder. Name the photo inside it.") from error
        raise UnreadablePath(f"“{name}” may not be read. Check its permissions.") from error
    except (OSError, ValueError) as error:
        raise UnreadablePath(f"“{name}” cannot be read ({error}). Check the path.") from error
