"""Means in ONNX files: over one axis at a time, and as exact as 32 bits allow."""

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from training.export.onnx_means import split_means

SHAPE = [1, 128, 128, 3]


def write_mean(path, axes, keepdims=1):
    node = helper.make_node("ReduceMean", ["pixels"], ["mean"], axes=axes, keepdims=keepdims)
    ends = (
        helper.make_tensor_value_info("pixels", TensorProto.FLOAT, SHAPE),
        helper.make_tensor_value_info(
            "mean", TensorProto.FLOAT, ["a", "b", "c", "d"] if keepdims else ["a", "b"]
        ),
    )
    graph = helper.make_graph([node], "mean", [ends[0]], [ends[1]])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=9), path)


def mean_by_runtime(path, pixels):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"pixels": pixels})[0]


def test_the_mean_of_a_large_picture_is_exact(tmp_path):
    path = tmp_path / "mean.onnx"
    pixels = np.random.default_rng(3).uniform(0.4, 1, SHAPE).astype(np.float32)
    write_mean(path, [1, 2, 3])
    before = mean_by_runtime(path, pixels)
    assert split_means(path) == 1
    after = mean_by_runtime(path, pixels)
    assert after.shape == before.shape == (1, 1, 1, 1)
    truth = pixels.mean(dtype=np.float64)
    assert abs(after.item() - truth) < 2e-7
    assert abs(after.item() - truth) <= abs(before.item() - truth)


def test_other_means_stay_as_they_are(tmp_path):
    path = tmp_path / "mean.onnx"
    for axes, keepdims in (([1], 1), ([1, 2], 0)):
        write_mean(path, axes, keepdims)
        before = path.read_bytes()
        assert split_means(path) == 0
        assert path.read_bytes() == before
