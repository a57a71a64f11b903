"""Where FER-2013's training images become rare: the limits behind the site's warnings on blur, light and contrast.

    python -m training.reports.quality_limits --data fer2013.zip

Prints percentiles of what ``model.faces.quality`` measures; its constants are the 2.5th and 97.5th, rounded.
"""

from __future__ import annotations

import argparse
import sys

import numpy as np

from model.faces.quality import measure
from training.data.fer2013 import load_fer2013
from training.data.formats import DatasetError

PERCENTILES = (1, 2.5, 5, 50, 95, 97.5, 99)


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 the data cannot be used."""
    parser = argparse.ArgumentParser(
        prog="python -m training.reports.quality_limits", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "--data", required=True, help="Kaggle's zip, its unpacked folder, fer2013.csv, or 'kaggle'"
    )
    try:
        images = load_fer2013(parser.parse_args(argv).data).training.images
    except DatasetError as error:
        print(error, file=sys.stderr)
        return 2
    values = np.percentile([measure(image) for image in images], PERCENTILES, axis=0)
    print(f"{'percentile':>10}{'sharpness':>12}{'brightness':>12}{'contrast':>12}")
    for percentile, (sharpness, brightness, contrast) in zip(PERCENTILES, values, strict=True):
        print(f"{percentile:10}{sharpness:12.3f}{brightness:12.1f}{contrast:12.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
