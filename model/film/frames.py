"""Decode a film frame by frame, with the time stamps of its container. Nothing is kept of a frame that has passed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import numpy as np

# FFmpeg would write about damaged frames to standard error; read on OpenCV's first film.
os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")
import cv2

from ..geometry import Pixels

MOST_PIXELS = 36_000_000  # Of a frame: 8K, of which FFmpeg holds several at a time.
HEAD = 400  # Bytes that tell a film.
USUAL_RATE = 25.0  # Frames a second, of a film that does not say.
HIGHEST_RATE = 240.0  # What is said beyond it is a time base and no rate.
# A container's length may be that of the sound; so much may the pictures end before it.
SPARE_SECONDS, SPARE_SHARE = 2.0, 0.1

# Of containers: Matroska and WebM, Ogg, FLV, MPEG program streams, ASF.
BEGINNINGS = (
    b"\x1aE\xdf\xa3",
    b"OggS",
    b"FLV\x01",
    b"\x00\x00\x01\xba",
    b"\x00\x00\x01\xb3",
    b"0&\xb2u\x8ef\xcf\x11",
)
BOXES = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot")  # With which MP4 and MOV may begin.
# MP4's box, but of photos: HEIF and AVIF.
HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs")
STILL_BRANDS = (*HEIC_BRANDS, b"mif1", b"mif2", b"msf1", b"miaf", b"avif", b"avis")
TRANSPORT = 188  # Bytes of a packet of an MPEG transport stream; each begins with 0x47.


class FilmError(Exception):
    """A film cannot be read, or not to its end; ``message`` says what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def is_film(head: bytes) -> bool:
    """Whether a file that begins so is a film, as its container says; playlists are none, for they name other files."""
    if head[4:8] in BOXES:
        return head[8:12] not in STILL_BRANDS
    if head[:4] == b"RIFF":
        return head[8:12] == b"AVI "
    if head.startswith(b"GIF8"):
        return False
    return head.startswith(BEGINNINGS) or head[::TRANSPORT] == b"GGG"


class Film:
    """An open film, to be read once."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Open it; raises FilmError."""
        self.name = os.fspath(path)
        whole = Path(self.name).expanduser().absolute()
        _check(self.name, whole)
        # An absolute path holds no protocol, and FFmpeg alone is asked: other backends take patterns of names.
        self._capture = cv2.VideoCapture(str(whole), cv2.CAP_FFMPEG)
        if not self._capture.isOpened():
            raise FilmError(
                f"“{self.name}” cannot be opened: its end or its index is missing, or it is of a kind that is not "
                "known here. Copy it again, or save it anew as MP4 (H.264) or WebM."
            )
        width, height = (
            int(self._capture.get(each)) for each in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT)
        )
        if width * height > MOST_PIXELS:
            self.close()
            raise FilmError(
                f"“{self.name}” has frames of {width} × {height} pixels, and at most {MOST_PIXELS / 1e6:g} megapixels "
                "are read. Make it smaller."
            )
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 0 < rate <= HIGHEST_RATE else USUAL_RATE  # Frames a second, on average.
        count = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.time = 0.0  # Of the frame at hand, in seconds since the film's beginning.
        # What is said of a stream's length may be any number.
        self.seconds = count / rate if rate > 0 and 0 < count < 1e9 else None

    def frames(self) -> Iterator[float]:
        """Yield the time of each frame, in seconds; ``pixels`` gives the one at hand.

        Raises FilmError at the end, if that comes too early or there was no frame at all.
        """
        any_yet = False
        while self._capture.grab():
            said = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
            # A film without time stamps says 0 of each frame, and a damaged one goes back.
            self.time = max(0.0, said) if said > self.time or not any_yet else self.time + 1 / self.rate
            any_yet = True
            yield self.time
        if not any_yet:
            raise FilmError(
                f"“{self.name}” has no picture that can be decoded. Copy it again, or save it anew."
            )
        self._check_end(self.time + 1 / self.rate)

    def pixels(self) -> Pixels:
        """Return the frame at hand, RGB uint8 (height, width, 3), turned as the film says."""
        there, frame = self._capture.retrieve()
        if not there:
            raise FilmError(f"A frame of “{self.name}” cannot be decoded. Copy it again, or save it anew.")
        return np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), np.uint8)

    def close(self) -> None:
        self._capture.release()

    def __enter__(self) -> Film:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _check_end(self, end: float) -> None:
        if self.seconds and self.seconds - end > max(SPARE_SECONDS, SPARE_SHARE * self.seconds):
            raise FilmError(
                f"The pictures of “{self.name}” end at {end:.1f} s, and it says that it lasts {self.seconds:.1f} s: it "
                "is cut off or damaged. What comes before is read."
            )


def _check(name: str, path: Path) -> None:
    """Raise FilmError if there is no film at the path."""
    try:
        # Pipes and devices may never end, and cannot be gone back in.
        if path.exists() and not path.is_file():
            raise FilmError(f"“{name}” is no file. Save the film to a file first.")
        with path.open("rb") as file:
            head = file.read(HEAD)
    except OSError as error:
        raise FilmError(f"“{name}” cannot be read ({error.strerror}). Check the path.") from error
    if not head:
        raise FilmError(f"“{name}” is empty (0 bytes). Copy it again.")
    if not is_film(head):
        raise FilmError(
            f"“{name}” is no film: MP4, MOV, WebM, Matroska, AVI, MPEG, Ogg, FLV and WMV are read."
        )
