"""A copy of the committed network with the output ``covered``, for tests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, helper

from model.store.files import SAVED

COMMITTED = SAVED / "attention_cnn"


def save_with_covered(
    folder: Path, *, describe: bool = True, shape: tuple[str | int, ...] = ("n", 1)
) -> Path:
    """The committed network with an output that is the mean brightness of the image, and metadata that says so."""
    network = onnx.load(str(COMMITTED / "model.onnx"))
    graph = network.graph
    axes = [1, 2] if len(shape) == 2 else [1, 2, 3]
    graph.initializer.append(helper.make_tensor("covered/axes", TensorProto.INT64, [len(axes)], axes))
    graph.initializer.append(helper.make_tensor("covered/scale", TensorProto.FLOAT, [], [255.0]))
    reduced = "covered/mean"
    opset = next(o.version for o in network.opset_import if o.domain in ("", "ai.onnx"))
    given = [graph.input[0].name, "covered/axes"] if opset >= 18 else [graph.input[0].name]
    how: dict[str, Any] = {"keepdims": 0} if opset >= 18 else {"keepdims": 0, "axes": axes}
    graph.node.append(helper.make_node("ReduceMean", given, [reduced], **how))
    graph.node.append(helper.make_node("Div", [reduced, "covered/scale"], ["covered"]))
    graph.output.append(helper.make_tensor_value_info("covered", TensorProto.FLOAT, shape))
    content = network.SerializeToString()
    raw = json.loads((COMMITTED / "metadata.json").read_text(encoding="utf-8"))
    raw["files"]["model.onnx"]["sha256"] = hashlib.sha256(content).hexdigest()
    if describe:
        raw["covered"] = {"threshold": 0.5}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(content)
    (folder / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    return folder
