"""Convert the face detector's three networks, once: ``python -m training.convert.mtcnn``.

The ``mtcnn`` package (Iván de Paz Centeno, MIT) imports TensorFlow; the site must not. This writes its P-,
R- and O-Net as ONNX files, proves on random pixels that both give the same numbers (largest difference ≤
1e-5), and puts the package's licence and a ``metadata.json`` with every file's sha256 beside them.
``model.detection.mtcnn`` reads the result.
"""

from __future__ import annotations

import argparse
import json
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime as ort
from mtcnn.stages import StageONet, StagePNet, StageRNet
from numpy.typing import NDArray

from model.store.files import SAVED
from training.convert.mtcnn_graph import build_graph
from training.convert.onnx_graph import file_record

TOLERANCE = 1e-5
# The inputs that a network is compared on, as (n, height, width); the P-Net takes any size ≥ 12.
SHAPES = {
    "pnet": [(1, 12, 12), (1, 13, 29), (2, 64, 47), (1, 307, 211)],
    "rnet": [(1, 24, 24), (33, 24, 24)],
    "onet": [(1, 48, 48), (17, 48, 48)],
}
STAGES = {"pnet": (StagePNet, None), "rnet": (StageRNet, 24), "onet": (StageONet, 48)}


def largest_difference(network: Any, onnx_bytes: bytes, shape: tuple[int, int, int], seed: int) -> float:
    """Return the largest absolute difference between Keras and ONNX, for one random input."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*shape, 3)).astype(np.float32)
    session = ort.InferenceSession(onnx_bytes, providers=["CPUExecutionProvider"])
    answers = dict(
        zip([o.name for o in session.get_outputs()], session.run(None, {"pixels": pixels}), strict=True)
    )
    expected: list[NDArray[np.float32]] = [np.asarray(output) for output in network((pixels - 127.5) / 128)]
    pairs = [(answers["regression"], expected[0]), (answers["score"], expected[-1][..., 1])]
    if "landmarks" in answers:
        pairs.append((answers["landmarks"], expected[1]))
    return max(float(np.abs(ours - theirs).max()) for ours, theirs in pairs)


def convert(directory: Path) -> dict[str, float]:
    """Write the detector's files into ``directory`` and return each network's largest difference to Keras.

    Raises ValueError, and writes no metadata, when a difference is over ``TOLERANCE``.
    """
    directory.mkdir(parents=True, exist_ok=True)
    differences: dict[str, float] = {}
    files: dict[str, dict[str, Any]] = {}
    for name, (stage, side) in STAGES.items():
        network = stage().model
        content = build_graph(network, side).SerializeToString(deterministic=True)
        differences[name] = max(
            largest_difference(network, content, s, i) for i, s in enumerate(SHAPES[name])
        )
        if differences[name] > TOLERANCE:
            raise ValueError(
                f"{name}: ONNX and Keras differ by {differences[name]:.2g}, more than {TOLERANCE}."
            )
        (directory / f"{name}.onnx").write_bytes(content)
        files[f"{name}.onnx"] = file_record(content)
    (directory / "LICENSE").write_text(_licence(), encoding="utf-8")
    document = _metadata(files, differences)
    (directory / "metadata.json").write_text(
        json.dumps(document, indent=2, ensure_ascii=False) + "\n", "utf-8"
    )
    return differences


def _licence() -> str:
    text = metadata.distribution("mtcnn").read_text("LICENSE")
    if not text:
        raise FileNotFoundError("The installed mtcnn package has no LICENSE file; its notice must be kept.")
    return text


def _metadata(files: dict[str, dict[str, Any]], differences: dict[str, float]) -> dict[str, Any]:
    package = metadata.metadata("mtcnn")
    return {
        "schema_version": 1,
        "name": "mtcnn",
        "source": {
            "package": "mtcnn",
            "version": package["Version"],
            "author": package["Author"],
            "license": package["License"],
            "url": package["Home-page"],
            "paper": "https://arxiv.org/abs/1604.02878",
        },
        "input": {
            "dtype": "float32, 0…255",
            "layout": "n, height, width, channels",
            "color": "RGB",
            "scaling": "(pixel - 127.5) / 128, inside the graph",
            "side": {name: side for name, (_, side) in STAGES.items()},
        },
        "output": {
            "regression": "shifts of x1, y1, x2, y2 as fractions of the box's side",
            "score": "probability of a face",
            "landmarks": "x of both eyes, the nose and both mouth corners, left before right; then their y",
        },
        "largest_difference_to_keras": differences,
        "command": "python -m training.convert.mtcnn",
        "files": files,
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=SAVED / "mtcnn", help="where the files go (%(default)s)")
    arguments = parser.parse_args()
    for name, difference in convert(arguments.out).items():
        size = (arguments.out / f"{name}.onnx").stat().st_size
        print(f"{name}: {size:>9,} bytes, largest difference to Keras {difference:.1e}")


if __name__ == "__main__":
    main()
