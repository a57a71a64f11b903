"""Films made by code: a portrait that moves, leaves and comes back; skipped where there is no codec for them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.geometry import Pixels
from tests.helpers.films import require_ffmpeg, run_ffmpeg

ROOT = Path(__file__).resolve().parents[2]
WIDTH, HEIGHT, RATE = 320, 240, 10

MakeFilm = Callable[..., Path]


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    """The face of the sample, BGR (160, 160, 3)."""
    picture = cv2.imread(str(ROOT / "static" / "samples" / "astronaut.jpg"))
    assert picture is not None
    return np.asarray(cv2.resize(picture[20:260, 105:345], (160, 160)), np.uint8)


@pytest.fixture(scope="session")
def scene(portrait: Pixels) -> Callable[[Sequence[int]], Pixels]:
    """Paint the portrait at each of the given places from the left."""

    def paint(places: Sequence[int]) -> Pixels:
        frame = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
        for left in places:
            frame[40:200, left : left + 160] = portrait[:, : WIDTH - left]
        return frame

    return paint


@pytest.fixture(scope="session")
def make_film(scene: Callable[[Sequence[int]], Pixels]) -> MakeFilm:
    """Write a film of OpenCV's own codecs: one list of places for each frame."""

    def make(path: Path, frames: Sequence[Sequence[int]], code: str = "VP90", rate: float = RATE) -> Path:
        writer = cv2.VideoWriter(
            str(path), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*code), rate, (WIDTH, HEIGHT)
        )
        if not writer.isOpened():
            pytest.skip(f"OpenCV cannot write {code} here")
        for places in frames:
            writer.write(scene(places))
        writer.release()
        return path

    return make


@pytest.fixture(scope="session")
def film(make_film: MakeFilm, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """3 seconds: a face that moves a little, is away for a second, and comes back."""
    there = [[20 + number] for number in range(10)]
    return make_film(
        tmp_path_factory.mktemp("film") / "film.webm", [*there, *([] for _ in range(10)), *there]
    )


@pytest.fixture(scope="session")
def ffmpeg() -> Callable[..., None]:
    """Run the program ffmpeg; without it the test is skipped."""
    require_ffmpeg()
    return run_ffmpeg
