"""Convert MediaPipe's 468-point Face Mesh, once: ``python -m training.convert.face_mesh --wheel mediapipe-….whl``.

The network is ``face_landmark.tflite`` in the wheel of mediapipe 0.10.21 (Apache-2.0; ``pip download
mediapipe==0.10.21 --no-deps`` fetches it). The package itself is not installed: it wants a NumPy and a protobuf
that TensorFlow here does not. This writes the network as ONNX, proves that both give the same points (largest
difference ≤ 1e-3 pixels of the 192-pixel crop), and puts the mesh's edges, its left–right mirror, the licence
and a ``metadata.json`` beside it. ``model.faces.face_mesh`` reads the result.

Kartynnik et al., "Real-time Facial Surface Geometry from Monocular Video on Mobile GPUs", 2019.
"""

from __future__ import annotations

import argparse
import ast
import hashlib
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import tf2onnx
from numpy.typing import NDArray

from model.store.files import SAVED
from training.convert.face_mesh_graph import SIDE, build_graph
from training.convert.float16 import with_float16
from training.convert.mesh_mirror import mirror_of, portrait_crop
from training.convert.onnx_graph import file_record

NETWORK = "mediapipe/modules/face_landmark/face_landmark.tflite"
NETWORK_SHA256 = "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814"
CONNECTIONS = "mediapipe/python/solutions/face_mesh_connections.py"
LICENCE = "mediapipe-0.10.21.dist-info/LICENSE"
TOLERANCE = 1e-3
NOTICE = """\
face_mesh.onnx is a changed copy of face_landmark.tflite from MediaPipe 0.10.21,
Copyright The MediaPipe Authors, licensed under the Apache License, Version 2.0 (below).
Changes: converted to ONNX; pixels are taken as 0…255; PReLU is written with convolutions and Relu; any number of
crops at a time; points come as (n, 468, 3) and the presence as a probability. topology.json's edges are those of
MediaPipe's face_mesh_connections.py.

"""


def convert(wheel: Path, directory: Path) -> float:
    """Write the mesh's files into ``directory``; return the largest difference to TensorFlow Lite, in crop pixels.

    Raises ValueError, and writes nothing, when the wheel holds another network or the difference is over
    ``TOLERANCE``.
    """
    with zipfile.ZipFile(wheel) as archive:
        network = archive.read(NETWORK)
        connections = archive.read(CONNECTIONS).decode()
        licence = archive.read(LICENCE).decode()
    if hashlib.sha256(network).hexdigest() != NETWORK_SHA256:
        raise ValueError(f"{wheel} holds another face_landmark.tflite than mediapipe 0.10.21 does.")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "face_landmark.tflite"
        path.write_bytes(network)
        converted, _ = tf2onnx.convert.from_tflite(str(path), opset=17)
    # The original's weights have 16 bits, so none changes.
    graph = with_float16(build_graph(converted))
    content = graph.SerializeToString(deterministic=True)
    difference = largest_difference(network, content)
    if not difference <= TOLERANCE:
        raise ValueError(
            f"ONNX and TensorFlow Lite differ by {difference:.2g} pixels, more than {TOLERANCE}."
        )
    edges = read_edges(connections)
    topology = json.dumps(
        {"edges": edges, "mirror": mirror_of(edges, content)}, separators=(",", ":")
    ).encode()
    files = {"face_mesh.onnx": content, "topology.json": topology}
    directory.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (directory / name).write_bytes(data)
    (directory / "LICENSE").write_text(NOTICE + licence, encoding="utf-8")
    document = json.dumps(_metadata(files, graph, difference), indent=2, ensure_ascii=False)
    (directory / "metadata.json").write_text(document + "\n", encoding="utf-8")
    return difference


def largest_difference(network: bytes, content: bytes) -> float:
    """Compare both on the sample portrait and on noise, singly and as a batch."""
    portrait = portrait_crop()
    noise = np.random.default_rng(0).integers(0, 256, portrait.shape)
    crops = np.stack([portrait, portrait[:, ::-1], noise]).astype(np.float32)
    session = ort.InferenceSession(content, providers=["CPUExecutionProvider"])
    together = session.run(["points"], {"pixels": crops})[0]
    differences = []
    for crop, points in zip(crops, together, strict=True):
        expected, _ = run_tflite(network, crop)
        (alone,) = session.run(["points"], {"pixels": crop[None]})[0]
        differences += [np.abs(points - expected).max(), np.abs(alone - expected).max()]
    return float(max(differences))


def run_tflite(network: bytes, crop: NDArray[np.float32]) -> tuple[NDArray[np.float32], float]:
    """Run the original network on one RGB crop (192, 192, 3), 0…255: its points (468, 3) and presence 0…1."""
    from tensorflow.lite.python.interpreter import Interpreter  # Takes seconds to import; --help should not.

    interpreter = Interpreter(model_content=network, num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], (crop / 255)[None].astype(np.float32))
    interpreter.invoke()
    points, presence = (interpreter.get_tensor(one["index"]) for one in interpreter.get_output_details())
    return points.reshape(-1, 3), float(1 / (1 + np.exp(-presence.item())))


def read_edges(source: str) -> list[list[int]]:
    """The mesh's edges, each once as (lower, higher), from the text of ``face_mesh_connections.py``."""
    for node in ast.parse(source).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "FACEMESH_TESSELATION":
            assert isinstance(node.value, ast.Call)  # noqa: S101 - a frozenset([...]); tells mypy so
            pairs = ast.literal_eval(node.value.args[0])
            return [list(pair) for pair in sorted({(min(pair), max(pair)) for pair in pairs})]
    raise ValueError("The wheel's face_mesh_connections.py has no FACEMESH_TESSELATION.")


def _metadata(files: dict[str, bytes], graph: onnx.ModelProto, difference: float) -> dict[str, Any]:
    return {
        "schema_version": 1,
        "name": "face_mesh",
        "source": {
            "package": "mediapipe",
            "version": "0.10.21",
            "file": NETWORK,
            "sha256": NETWORK_SHA256,
            "author": "The MediaPipe Authors",
            "license": "Apache-2.0",
            "url": "https://github.com/google-ai-edge/mediapipe",
            "paper": "https://arxiv.org/abs/1907.06724",
        },
        "input": {
            "dtype": "float32, 0…255",
            "layout": "n, height, width, channels",
            "color": "RGB",
            "scaling": "pixel / 255, inside the graph",
            "side": SIDE,
        },
        "output": {
            "points": f"(n, 468, 3): x, y and depth in pixels of the {SIDE}-pixel crop; nearer is smaller",
            "presence": "(n,): probability that the crop shows a face",
        },
        "presence_threshold": 0.5,
        "weights": "float16",
        "operator_set": graph.opset_import[0].version,
        "largest_difference_to_tflite": difference,
        "command": "python -m training.convert.face_mesh --wheel mediapipe-0.10.21-….whl",
        "files": {name: file_record(data) for name, data in files.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--wheel", type=Path, required=True, help="the wheel of mediapipe 0.10.21")
    parser.add_argument(
        "--out", type=Path, default=SAVED / "face_mesh", help="where the files go (%(default)s)"
    )
    arguments = parser.parse_args()
    difference = convert(arguments.wheel, arguments.out)
    print(f"{arguments.out}: largest difference to TensorFlow Lite {difference:.1e} pixels of the crop")


if __name__ == "__main__":
    main()
