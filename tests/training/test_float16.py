"""16-bit weights: what the file holds, what ONNX Runtime computes from it, and what 16 bits cannot hold."""

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper, numpy_helper

from model.store.files import SAVED
from model.store.metadata import Metadata
from training.convert.float16 import SMALL, store_float16, with_float16


def network(weights, bias):
    """X (n, 64) · weights + bias."""
    nodes = [
        helper.make_node("MatMul", ["x", "weights"], ["product"]),
        helper.make_node("Add", ["product", "bias"], ["y"]),
    ]
    tensors = [numpy_helper.from_array(weights, "weights"), numpy_helper.from_array(bias, "bias")]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", size])
        for name, size in (("x", 64), ("y", weights.shape[1]))
    ]
    graph = helper.make_graph(nodes, "tiny", ends[:1], ends[1:], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 15)], ir_version=8)


@pytest.fixture
def weights():
    return np.random.default_rng(1).normal(0, 0.1, (64, 32)).astype(np.float32)


def run(path, x):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {"x": x})[0]


def test_it_computes_in_32_bits_with_the_rounded_weights(weights, tmp_path):
    bias = np.full(32, 1 / 3, np.float32)
    path = tmp_path / "network.onnx"
    onnx.save(network(weights, bias), str(path))
    before = path.stat().st_size
    store_float16(path)
    assert path.stat().st_size < before - 1.8 * weights.size
    x = np.random.default_rng(2).normal(0, 1, (5, 64)).astype(np.float32)
    rounded = weights.astype(np.float16).astype(np.float32)
    np.testing.assert_allclose(run(path, x), x @ rounded + bias, atol=1e-5)
    assert np.abs(x @ weights + bias - run(path, x)).max() > 1e-5


def test_storing_twice_changes_nothing_more_and_small_weights_stay(weights, tmp_path):
    assert SMALL >= 32
    once = with_float16(network(weights, np.zeros(32, np.float32)))
    assert with_float16(once) == once
    assert {tensor.data_type for tensor in once.graph.initializer} == {TensorProto.FLOAT16, TensorProto.FLOAT}


def test_a_weight_over_65504_is_refused(weights):
    weights[0, 0] = 70_000
    with pytest.raises(ValueError, match="16 bits cannot hold"):
        with_float16(network(weights, np.zeros(32, np.float32)))


@pytest.mark.parametrize("path", sorted(SAVED.glob("*/model.onnx")), ids=lambda path: path.parent.name)
def test_the_metadata_says_in_how_many_bits_the_weights_are(path):
    weights = Metadata.load(path.parent).raw["weights"]
    graph = onnx.load(str(path)).graph
    large = [tensor for tensor in graph.initializer if np.prod(tensor.dims) > SMALL]
    wanted = {"float16": TensorProto.FLOAT16, "float32": TensorProto.FLOAT}[weights]
    assert {tensor.data_type for tensor in large} - {TensorProto.INT64} == {wanted}
