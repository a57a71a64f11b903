"""Write a film again with boxes, numbers and labels on it.

With ``ffmpeg`` on the path the film is VP9 (.webm) or H.264 (.mp4, .mov, .mkv) and keeps its sound; without, OpenCV
writes VP9, and no sound. A film of a variable rate is written with its average rate, each frame at its time.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from ..geometry import Pixels
from ..output.draw import labelled_boxes
from .frames import Film
from .reading import FilmFace

HIGHEST_RATE = 60.0  # Frames a second that are written.
VP9 = [
    "-c:v",
    "libvpx-vp9",
    "-deadline",
    "realtime",
    "-cpu-used",
    "8",
    "-row-mt",
    "1",
    "-b:v",
    "0",
    "-crf",
    "32",
]
H264 = ["-c:v", "libx264", "-preset", "veryfast", "-crf", "20"]
# By the name's ending: how ffmpeg writes pictures and sound.
KINDS = {
    ".webm": [*VP9, "-c:a", "libopus"],
    ".mp4": [*H264, "-c:a", "aac", "-movflags", "+faststart"],
    ".mov": [*H264, "-c:a", "aac"],
    ".mkv": [*H264, "-c:a", "aac"],
}


class CannotAnnotate(Exception):
    """The film with boxes cannot be written; the message says why."""


def check_annotated(path: Path) -> None:
    """Raise CannotAnnotate if a film of that name cannot be written here."""
    kind = path.suffix.lower()
    if kind not in KINDS:
        raise CannotAnnotate(f"the annotated film's name ends with {', '.join(KINDS)}, not “{kind}”")
    if kind != ".webm" and not shutil.which("ffmpeg"):
        raise CannotAnnotate(
            f"{kind} (H.264) needs the program ffmpeg, which is not on the path; .webm does without"
        )


class _Encoder(Protocol):
    """Takes frames, BGR uint8 of one size."""

    def write(self, frame: Pixels) -> None: ...

    def close(self) -> None: ...


class AnnotatedFilm:
    """The film with boxes, written frame by frame to a file beside its place, which it takes at the end."""

    def __init__(self, path: Path, film: Film) -> None:
        """Check that it can be written; raises CannotAnnotate."""
        check_annotated(path)
        self._path, self._film = path, film
        self._beside = path.with_name(f".{path.stem}.part{path.suffix}")
        self._rate = min(film.rate, HIGHEST_RATE)
        self._encoder: _Encoder | None = None
        self._size = (0, 0)
        self._last: Pixels | None = None
        self._count = 0

    def add(self, time: float, pixels: Pixels, faces: Sequence[FilmFace]) -> None:
        """Add a frame, RGB, with the boxes of the faces seen last. Raises CannotAnnotate."""
        texts = [
            (face.reading.box, f"{face.number} {face.steady} {face.smoothed[face.steady]:.0%}")
            for face in faces
        ]
        drawn = np.asarray(cv2.cvtColor(labelled_boxes(pixels, texts), cv2.COLOR_RGB2BGR), np.uint8)
        if self._encoder is None:
            # Codecs halve the colours' resolution: sides are even.
            self._size = (max(2, drawn.shape[1] // 2 * 2), max(2, drawn.shape[0] // 2 * 2))
            self._encoder = _encoder(self._beside, self._size, self._rate, self._film.name)
        if (drawn.shape[1], drawn.shape[0]) != self._size:
            drawn = np.asarray(cv2.resize(drawn, self._size, interpolation=cv2.INTER_AREA), np.uint8)
        self._until(round(time * self._rate), drawn)
        self._last = drawn

    def close(self) -> None:
        """Write the end; what was added by then is kept. Raises CannotAnnotate."""
        if self._encoder is None:
            return
        if self._last is not None:
            self._until(self._count + 1, self._last)
        self._encoder.close()
        self._beside.replace(self._path)

    def drop(self) -> None:
        """Leave nothing."""
        with contextlib.suppress(CannotAnnotate):
            if self._encoder is not None:
                self._encoder.close()
        self._beside.unlink(missing_ok=True)

    def _until(self, count: int, following: Pixels) -> None:
        """Show the last frame until there are so many."""
        assert self._encoder is not None  # noqa: S101  # there is one from the first frame on
        while self._count < count:
            self._encoder.write(following if self._last is None else self._last)
            self._count += 1


def _encoder(path: Path, size: tuple[int, int], rate: float, source: str) -> _Encoder:
    program = shutil.which("ffmpeg")
    return _OpenCv(path, size, rate) if program is None else _Ffmpeg(program, path, size, rate, source)


class _OpenCv:
    """VP9 by OpenCV."""

    def __init__(self, path: Path, size: tuple[int, int], rate: float) -> None:
        code = cv2.VideoWriter.fourcc(*"VP90")
        self._writer = cv2.VideoWriter(str(path.absolute()), cv2.CAP_FFMPEG, code, rate, size)
        if not self._writer.isOpened():
            raise CannotAnnotate(f"“{path.name}” cannot be written; install ffmpeg, or check the folder.")

    def write(self, frame: Pixels) -> None:
        self._writer.write(frame)

    def close(self) -> None:
        self._writer.release()


class _Ffmpeg:
    """The program ffmpeg: pictures from here, sound from the film itself."""

    def __init__(self, program: str, path: Path, size: tuple[int, int], rate: float, source: str) -> None:
        pictures = ["-f", "rawvideo", "-pix_fmt", "bgr24", "-s", f"{size[0]}x{size[1]}", "-r", f"{rate:.6f}"]
        # "file:" so that no name is taken for a protocol, and nothing else is opened.
        sound = ["-protocol_whitelist", "file", "-i", f"file:{Path(source).expanduser().absolute()}"]
        chosen = ["-map", "0:v", "-map", "1:a:0?", "-pix_fmt", "yuv420p", *KINDS[path.suffix.lower()]]
        command = [
            program,
            "-v",
            "error",
            "-y",
            *pictures,
            "-i",
            "pipe:0",
            *sound,
            *chosen,
            f"file:{path.absolute()}",
        ]
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # open as long as ffmpeg runs
        self._running = subprocess.Popen(  # noqa: S603  # a fixed command, no shell
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=self._said
        )

    def write(self, frame: Pixels) -> None:
        assert self._running.stdin is not None  # noqa: S101  # a pipe
        try:
            self._running.stdin.write(np.ascontiguousarray(frame).data)
        except BrokenPipeError as error:
            raise CannotAnnotate(self._why()) from error

    def close(self) -> None:
        assert self._running.stdin is not None  # noqa: S101  # a pipe
        with contextlib.suppress(BrokenPipeError):
            self._running.stdin.close()
        failed = self._running.wait()
        why = self._why() if failed else ""
        self._said.close()
        if failed:
            raise CannotAnnotate(why)

    def _why(self) -> str:
        self._running.wait()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").strip().splitlines()
        return f"ffmpeg cannot write the annotated film: {lines[-1] if lines else 'it gives no reason'}"
