"""Name the feature maps of a saved network's blocks as further outputs, in a file without weights.

    python -m training.export.onnx_maps [NAME]

``model.maps.onnx`` is appended to ``model.onnx`` when both are loaded (``model.inside.feature_maps``): its nodes give
each block's last activation, and the first layer's filters, a name of their own, and it lists these as outputs. The
command writes it for a saved model whose blocks are called block1, block2, …, and puts it into the model's metadata.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from numpy.typing import NDArray

from model.inside.feature_maps import BLOCK, FILTERS
from model.recognizer import DEFAULT_MODEL
from model.store.files import MAPS_FILE, METADATA_FILE, MODEL_FILE, SAVED, SavedModelError
from model.store.metadata import Metadata
from training.export.metadata_file import file_records, write_metadata
from training.export.parity import PARITY_TOLERANCE, ExportError

LAST_ACTIVATION = re.compile(r"(?:^|/)block(\d+)_relu(?:_\d+)?/Relu:0$")


def write_maps(directory: Path, some: NDArray[np.float32]) -> Path:
    """Write model.maps.onnx beside ``directory``'s model.onnx.

    Raises ExportError where the network has no such blocks, or where its probabilities of ``some``, network inputs
    (n, height, width, 1), move by more than the tolerance with the maps as outputs.
    """
    content = (directory / MODEL_FILE).read_bytes()
    more = further_outputs(onnx.load_from_string(content)).SerializeToString()
    plain, mapped = (_probabilities(each, some) for each in (content, content + more))
    gap = float(np.abs(plain - mapped).max())
    if gap > PARITY_TOLERANCE:
        raise ExportError(f"With its maps the network differs by {gap:.2g} in probability.")
    path = directory / MAPS_FILE
    path.write_bytes(more)
    return path


def further_outputs(model: onnx.ModelProto) -> onnx.ModelProto:
    """What is to be appended to ``model``: nodes that name its blocks' maps and its first filters, and the outputs."""
    named = {
        f"{BLOCK}{match[1]}": output
        for node in model.graph.node
        for output in node.output
        if (match := LAST_ACTIVATION.search(output))
    }
    first = next((node for node in model.graph.node if node.op_type == "Conv"), None)
    if not named or first is None:
        raise ExportError("The network has no blocks that are called block1, block2, …")
    named[FILTERS] = first.input[1]
    more = onnx.ModelProto()
    for name, tensor in sorted(named.items()):
        more.graph.node.append(onnx.helper.make_node("Identity", [tensor], [name], name=name))
        more.graph.output.append(onnx.helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, 4 * [None]))
    return more


def _probabilities(content: bytes, some: NDArray[np.float32]) -> NDArray[np.float64]:
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    logits = session.run(None, {session.get_inputs()[0].name: some})[0].astype(np.float64)
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def main(argv: list[str] | None = None) -> int:
    """Exit codes: 0 done, 2 there is no such model, or its network has no blocks."""
    parser = argparse.ArgumentParser(
        prog="python -m training.export.onnx_maps", description=__doc__.split("\n")[0], allow_abbrev=False
    )
    parser.add_argument(
        "name", nargs="?", default=DEFAULT_MODEL, help=f"saved model (default: {DEFAULT_MODEL})"
    )
    directory = SAVED / parser.parse_args(argv).name
    try:
        metadata = Metadata.load(directory)
        shape = metadata.input
        some = np.random.default_rng(0).integers(0, 256, (16, shape.height, shape.width, shape.channels))
        path = write_maps(directory, some.astype(np.float32))
    except (SavedModelError, ExportError) as error:
        print(error, file=sys.stderr)
        return 2
    document = json.loads((directory / METADATA_FILE).read_text(encoding="utf-8"))
    document["files"] |= file_records(directory, [MAPS_FILE])
    write_metadata(document, directory)
    print(f"Wrote {path}, {path.stat().st_size} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
