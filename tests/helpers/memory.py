"""Photos of a size, and what a running server's processes hold in memory (Linux only)."""

from __future__ import annotations

import os
from io import BytesIO
from pathlib import Path

from PIL import Image

from tests.helpers import photos as faces_photos


def encoded(size: int) -> bytes:
    buffer = BytesIO()
    Image.fromarray(faces_photos.scaled(faces_photos.portrait(), size)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def resident(pid: int) -> float:
    """Resident megabytes (of a million bytes) of a process."""
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def together(pid: int) -> float:
    """Megabytes of a process and its children; what they share counts once (proportional set size)."""
    kilobytes = 0
    for each in (pid, *children(pid)):
        try:
            rollup = Path(f"/proc/{each}/smaps_rollup").read_text()
        except OSError:
            continue  # It has just ended.
        kilobytes += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6


def forget_peak(pid: int) -> None:
    """Let the peak of a process start anew from what it holds now."""
    # Five is the peak's number in the kernel's list.
    Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak(pid: int) -> float:
    """The most megabytes that a process has held since ``forget_peak``."""
    line = next(
        line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM:")
    )
    return int(line.split()[1]) * 1024 / 1e6


def cpu_seconds(pid: int) -> float:
    """The processor time that a process has used."""
    ticks = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(int(each) for each in ticks) / os.sysconf("SC_CLK_TCK")
