"""How much memory the decoding of a photo takes, in a process of its own: ``python -m tests.helpers.decode_peak FILE``.

Prints the estimate and the measured peak in bytes.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from model.photo.load import estimate_bytes, load_photo
from tests.fuzz import watch


def main() -> None:
    """Decode the file and print both figures."""
    data = Path(sys.argv[1]).read_bytes()
    # What the first photo of a process takes once: Pillow's plug-ins, pi-heif.
    load_photo(np.zeros((8, 8, 3), np.uint8))
    for small in sys.argv[2:]:
        load_photo(small)
    watch.forget_peak()
    before = watch.peak()
    photo = load_photo(data)
    print(estimate_bytes(data), round(1e6 * (watch.peak() - before)), *photo.original_size)


if __name__ == "__main__":
    main()
