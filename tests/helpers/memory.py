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
