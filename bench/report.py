"""The benchmark's results as text: bench/RESULTS.md."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).resolve().parent / "RESULTS.md"
OPERATIONS = RESULTS.parent.parent / "docs" / "operations.md"
NAMES = {
    "ours": "(a) this project",
    "classic": "(b) `mtcnn` + Keras `predict`",
    "fer": "(c) `fer`, Haar cascade",
    "face-api": "(d) `face-api`, SSD MobileNet, Node",
    "human": "(e) `human`, BlazeFace, Node",
}
ONE, LARGE, GROUP, NONE = "1 face, 512²", "the same, 12 Mpx", "20 faces, 1200×1000", "no face, 512²"


@dataclass(frozen=True, slots=True)
class Timed:
    """One contender on one photo: median milliseconds, faces found of those there, and its stages' medians."""

    ms: float
    found: int
    faces: int
    stages: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Floor:
    """Milliseconds: the detector's networks, the classifier, decoding the whole JPEG, decoding as the site does."""

    networks: float
    classifier: float
    decode: float
    site_decode: float


@dataclass(frozen=True, slots=True)
class Throughput:
    """Photos a second with one on every core: all of it, and its networks alone."""

    photos: float
    networks: float


@dataclass(frozen=True, slots=True)
class Counted:
    """Faces found and boxes that are none, of all faces on all photos, and the mean milliseconds a photo."""

    found: int
    false: int
    faces: int
    photos: int
    ms: float


@dataclass(frozen=True, slots=True)
class Read:
    """Expressions read in real photos: photos with a face found, right answers, and the recall of each expression."""

    photos: int
    answered: int
    right: int
    recalls: dict[str, float]


@dataclass(frozen=True, slots=True)
class Results:
    """What ``bench.peers`` measured; by contender, or by photo and contender."""

    network: str
    rounds: int
    left_out: list[str]
    timed: dict[str, dict[str, Timed]]
    floors: dict[str, Floor]
    rates: Throughput
    starts: dict[str, tuple[float, float, float]]
    peaks: dict[str, float]
    counted: dict[str, Counted]
    read: dict[str, Read]


def write_results(machine: str, results: Results) -> str:
    """Write bench/RESULTS.md and return its text."""
    timed, rates = results.timed, results.rates
    parts = [
        "# Beside what one could pick instead\n\nWritten by `make bench`; everything in one run, the contenders taking "
        f"turns on each photo, medians of {results.rounds} rounds, of 12 Mpx and of the 100 photos of fewer. "
        f"(a) and (b) run the network of `{results.network}`.\n\n{machine}\n",
        *(f"{reason}\n" for reason in results.left_out),
        _table_of_times(timed),
        _table_of_stages(timed),
        _table_of_floors(timed, results.floors),
        f"With a photo on every core (1 face, 512²): {rates.photos:.1f} photos a second; the bare networks would allow "
        f"{rates.networks:.1f}.\n",
        _table_of_starts(results.starts, results.peaks),
        _table_of_counts(results.counted),
        *([_table_of_readings(results.read)] if results.read else []),
        _targets(results),
    ]
    text = "\n".join(parts)
    RESULTS.write_text(text, encoding="utf-8")
    return text


def machine(*libraries: str) -> str:
    """The machine and the versions of Python and of these installed packages, without names or paths."""
    cpu = next(
        (line.split(":")[1].strip() for line in _cpuinfo() if line.startswith("model name")),
        platform.machine(),
    )
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in libraries)]
    return f"{os.cpu_count()} cores ({cpu}), {', '.join(versions)}"


def _cpuinfo() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def fill(name: str, command: str, content: str, document: Path = OPERATIONS) -> None:
    """Put the content between a document's marks of this name; raises ValueError where they are missing."""
    text = document.read_text(encoding="utf-8")
    start, end = f"<!-- {name}: written by {command} -->", f"<!-- end of {name} -->"
    before, after = text.index(start) + len(start), text.index(end)
    document.write_text(f"{text[:before]}\n{content.strip()}\n{text[after:]}", encoding="utf-8")


def markdown_table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def _table_of_times(timed: dict[str, dict[str, Timed]]) -> str:
    contenders = list(next(iter(timed.values())))
    head = ("photo", *(f"{NAMES[name]}: ms" for name in contenders), *(f"{n} ÷ ours" for n in contenders[1:]))
    head += ("faces found of all: " + ", ".join(contenders),)
    rows = []
    for photo, times in timed.items():
        ratios = [f"{times[name].ms / times['ours'].ms:.1f}×" for name in contenders[1:]]
        found = ", ".join(f"{t.found}/{t.faces}" for t in times.values())
        rows.append((photo, *(f"{times[name].ms:.1f}" for name in contenders), *ratios, found))
    return "## From bytes to answer\n\n" + markdown_table(head, rows)


def _table_of_stages(timed: dict[str, dict[str, Timed]]) -> str:
    rows = [
        (photo, NAMES[name], *(f"{value:.1f}" for value in one.stages))
        for photo, times in timed.items()
        for name, one in times.items()
        if one.stages
    ]
    return "## Stages, ms\n\n" + markdown_table(("photo", "", "decode", "find faces", "read them"), rows)


def _table_of_floors(timed: dict[str, dict[str, Timed]], floors: dict[str, Floor]) -> str:
    rows = []
    for photo, floor in floors.items():
        bare = floor.networks + floor.classifier
        rows.append(
            (
                photo,
                f"{floor.networks:.1f}",
                f"{floor.classifier:.1f}",
                f"{floor.decode:.1f}",
                f"{floor.site_decode:.1f}",
                f"{bare / timed[photo]['ours'].ms:.0%}",
            )
        )
    head = (
        "photo",
        "MTCNN’s networks",
        "classifier",
        "JPEG decoding, whole",
        "… as the site does",
        "networks ÷ bytes to answer",
    )
    return "## The floor: bare inference, ms\n\n" + markdown_table(head, rows)


def _table_of_starts(starts: dict[str, tuple[float, float, float]], peaks: dict[str, float]) -> str:
    rows = [
        (NAMES[name], *(f"{value / 1000:.2f}" for value in values), f"{peaks[name]:.0f}")
        for name, values in starts.items()
    ]
    head = ("", "import, s", "load, s", "start to first answer, s", "peak memory, MB")
    return "## Start and memory\n\n" + markdown_table(head, rows)


def _table_of_counts(counted: dict[str, Counted]) -> str:
    any_of = next(iter(counted.values()))
    rows = [
        (NAMES[name], f"{c.found} ({c.found / c.faces:.0%})", str(c.false), f"{c.ms:.1f}")
        for name, c in counted.items()
    ]
    text = (
        f"## Faces found\n\n{any_of.faces} faces on {any_of.photos} photos: the portrait small to large, dark, "
        "leaning; FER-2013’s PrivateTest faces in larger photos; photos without a face. A face is found when a box of "
        "about its size lies on it.\n\n"
    )
    return text + markdown_table(("", "found", "boxes on no face", "mean ms a photo"), rows)


def _table_of_readings(read: dict[str, Read]) -> str:
    expressions = list(next(iter(read.values())).recalls)
    rows = [
        (
            NAMES[name],
            f"{one.answered} of {one.photos}",
            f"{one.right / one.photos:.0%}",
            f"{sum(one.recalls.values()) / len(one.recalls):.0%}",
            *(f"{recall:.0%}" for recall in one.recalls.values()),
        )
        for name, one in read.items()
    ]
    text = (
        "## Expressions read rightly\n\nPress photos of one person each, labelled by one person (the split “report” of "
        "`training.real_photos`); the largest face counts, and a photo in which none is found counts as wrong. (b) "
        "reads the box as it is cut, before the votes are calibrated.\n\n"
    )
    head = ("", "faces found", "right", "mean recall", *expressions)
    return text + markdown_table(head, rows)


def _targets(results: Results) -> str:
    timed, starts, counted, rates = results.timed, results.starts, results.counted, results.rates
    one, large = timed[ONE], timed[LARGE]
    beyond = large["ours"].ms - results.floors[LARGE].decode
    rows = [
        ("(b) ÷ ours, 1 face 512²", "≥ 8", f"{one['classic'].ms / one['ours'].ms:.1f}"),
        (
            "12 Mpx beyond bare decoding ÷ 512² of the same scene",
            "≤ 3",
            f"{beyond / one['ours'].ms:.2f}",
        ),
        ("start to first answer, s", "≤ 3", f"{starts['ours'][2] / 1000:.2f}"),
        ("… (b) ÷ ours", "≥ 3", f"{starts['classic'][2] / starts['ours'][2]:.1f}"),
        (
            "photos a second on all cores ÷ what the bare networks allow, 1 face 512²",
            "≥ 75 %",
            f"{rates.photos / rates.networks:.0%}",
        ),
    ]
    if "fer" in one:
        ratio = counted["ours"].found / max(1, counted["fer"].found)
        rows[1:1] = [
            *(
                (f"(c) ÷ ours, {photo}", target, f"{timed[photo]['fer'].ms / timed[photo]['ours'].ms:.2f}")
                for photo, target in ((ONE, "≥ 1.8"), (GROUP, "≥ 1.2"), (NONE, "≥ 1"))
            ),
            ("faces found, ours ÷ (c)", "≥ 1.3", f"{ratio:.2f}"),
        ]
    return "## Targets\n\n" + markdown_table(("", "target", "measured"), rows)
