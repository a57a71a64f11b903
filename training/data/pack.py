"""FER-2013 as one file of arrays, to copy to another machine.

    python -m training.data.pack --data fer2013.zip fer2013.npz     # then: --data fer2013.npz, wherever --data is

Every split has ``SPLIT_images`` uint8 (n, 48, 48), ``SPLIT_labels`` uint8 (n,) into the alphabetical labels, and
``SPLIT_names`` (n,); loading gives the same images, names and fingerprint as the source.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import numpy as np

from training.data.fer2013 import SPLITS, Fer2013, load_fer2013
from training.data.formats import DatasetError


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 written, 2 the data cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m training.data.pack", description="Write FER-2013 as one file of arrays."
    )
    parser.add_argument(
        "--data", required=True, help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle'"
    )
    parser.add_argument("out", type=Path, help="file to write, ending in .npz")
    options = parser.parse_args(argv)
    if options.out.suffix != ".npz":
        parser.error("the file must end in .npz")
    try:
        write_arrays(load_fer2013(options.data), options.out)
    except DatasetError as error:
        print(f"The data cannot be used: {error}", file=sys.stderr)
        return 2
    print(f"{options.out}: {options.out.stat().st_size / 1e6:.1f} MB")
    return 0


def write_arrays(data: Fer2013, path: Path) -> None:
    """Write the three splits as compressed arrays."""
    arrays: dict[str, Any] = {}
    for name, split in zip(SPLITS, (data.training, data.public_test, data.private_test), strict=True):
        arrays[f"{name}_images"] = split.images
        arrays[f"{name}_labels"] = split.labels.astype(np.uint8)
        arrays[f"{name}_names"] = np.array(split.names)
    np.savez_compressed(path, **arrays)


if __name__ == "__main__":
    sys.exit(main())
