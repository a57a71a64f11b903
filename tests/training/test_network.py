"""The network: shapes, place of the attention, pixel scaling inside the graph."""

import dataclasses

import keras
import numpy as np
import pytest

from training.configs.schema import InputConfig, NetworkConfig
from training.configs.systems import CONFIGURATIONS, DEFAULT, REFERENCE
from training.network.build import ATTENTION_LAYER, build_network, serving_model, single_head


@pytest.mark.parametrize("name", ["default", "reference", "deep", "upper_face", "landmarks", "colour"])
def test_it_maps_its_input_to_probabilities(name):
    config = CONFIGURATIONS[name]
    described = config.input
    model = build_network(config.network, described, len(config.classes))
    rng = np.random.default_rng(10)
    size = (3, described.height, described.width, described.channels)
    pixels = rng.integers(0, 256, size).astype(np.float32)
    given: object = pixels
    if described.points:
        given = {"pixels": pixels, "points": rng.normal(size=(3, 3 * described.points)).astype(np.float32)}
    probabilities = keras.ops.convert_to_numpy(model(given))
    assert probabilities.shape == (3, len(config.classes))
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["default", "reference"])
def test_the_outline_is_the_published_one(name):
    model = build_network(CONFIGURATIONS[name].network)
    order = [layer.name for layer in model.layers]
    for number in range(1, 5):
        block = [
            f"block{number}_conv1",
            f"block{number}_norm1",
            f"block{number}_pool",
            f"block{number}_dropout",
        ]
        assert [order.index(name) for name in block] == sorted(order.index(name) for name in block)
        assert model.get_layer(f"block{number}_conv1").kernel_regularizer is not None
    assert order.index("block2_dropout") < order.index(ATTENTION_LAYER) < order.index("block3_conv1")
    assert model.get_layer(ATTENTION_LAYER).output.shape == (None, 12, 12, 1), "one weight for each place"


def test_the_published_training_is_the_seeds():
    assert (REFERENCE.optimizer, REFERENCE.learning_rate, REFERENCE.batch_size) == ("adam", 5e-5, 32)
    assert (REFERENCE.epochs, REFERENCE.patience, REFERENCE.class_weight_power) == (80, 20, 1.0)


def test_serving_gives_the_same_answer_and_the_attention():
    model = build_network(DEFAULT.network)
    pixels = np.random.default_rng(11).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    logits, attention = serving_model(model)(pixels)
    np.testing.assert_allclose(
        keras.ops.convert_to_numpy(keras.ops.softmax(logits)),
        keras.ops.convert_to_numpy(model(pixels)),
        atol=1e-6,
    )
    assert attention.shape == (2, 12, 12, 1)


def test_a_dim_photo_reads_as_the_bright_one_where_the_network_standardises():
    bright = np.random.default_rng(12).integers(100, 200, (1, 48, 48, 1)).astype(np.float32)
    gaps = {}
    for standardise in (True, False):
        keras.utils.set_random_seed(2)
        model = build_network(dataclasses.replace(DEFAULT.network, standardise=standardise))
        light, dim = (keras.ops.convert_to_numpy(model(x)) for x in (bright, bright * 0.4 + 20))
        gaps[standardise] = np.abs(light - dim).max()
    assert gaps[True] < 1e-3 < 0.1 < gaps[False]


@pytest.mark.parametrize("name", ["default", "upper_face_efficientnet"])
def test_each_of_two_heads_becomes_a_network_of_its_own(name):
    config = CONFIGURATIONS[name]
    model = build_network(config.network, votes=True)
    pixels = np.random.default_rng(12).integers(0, 256, (2, 48, 48, 1)).astype(np.float32)
    both = model(pixels)
    for votes, output in ((False, "probabilities"), (True, "votes")):
        alone = single_head(model, config.network, votes=votes)
        np.testing.assert_allclose(
            keras.ops.convert_to_numpy(alone(pixels)), keras.ops.convert_to_numpy(both[output]), atol=1e-6
        )
        assert serving_model(alone).outputs[0].shape == (None, 7)


def test_face_points_join_the_pixels():
    inputs = InputConfig(128, 128, channels=3, points=468)
    config = NetworkConfig(widths=(8, 8, 8), convolutions=(1, 1, 1), stem_stride=2, attention=False)
    model = build_network(config, inputs, classes=5)
    rng = np.random.default_rng(13)
    given = {
        "pixels": rng.integers(0, 256, (2, 128, 128, 3)).astype(np.float32),
        "points": rng.normal(size=(2, 1404)).astype(np.float32),
    }
    first = keras.ops.convert_to_numpy(model(given))
    assert first.shape == (2, 5)
    assert not np.allclose(first, keras.ops.convert_to_numpy(model({**given, "points": -given["points"]})))
    assert len(serving_model(model).outputs) == 1, "no attention, so no map"


@pytest.mark.parametrize(("backbone", "parameters"), [("mobilenet_v2", 2.2e6), ("efficientnet_b0", 4.0e6)])
def test_published_backbones_start_from_random_weights(backbone, parameters):
    config = NetworkConfig(backbone=backbone, dense=(), attention=False)
    model = build_network(config, InputConfig(64, 32, region="upper_face"), classes=5)
    assert model.count_params() == pytest.approx(parameters, rel=0.05)
    pixels = np.full((1, 32, 64, 1), 128, np.float32)
    assert keras.ops.convert_to_numpy(model(pixels)).shape == (1, 5)


@pytest.mark.parametrize("name", ["upper_face_mobilenet", "upper_face_efficientnet"])
def test_a_published_backbone_leaves_more_than_one_row_of_a_band(name):
    config = CONFIGURATIONS[name]
    model = build_network(config.network, config.input, classes=5)
    assert model.get_layer("pool").input.shape == (None, 2, 4, 1280)
    (backbone,) = [layer for layer in model.layers if isinstance(layer, keras.Model)]
    norms = [layer for layer in backbone.layers if isinstance(layer, keras.layers.BatchNormalization)]
    assert {norm.momentum for norm in norms} == {0.99}
    bright = np.random.default_rng(15).integers(100, 200, (1, 32, 64, 1)).astype(np.float32)
    light, dim = (keras.ops.convert_to_numpy(model(x)) for x in (bright, bright * 0.4 + 20))
    np.testing.assert_allclose(light, dim, atol=1e-3)


def test_the_deep_cnn_has_its_published_size():
    config = NetworkConfig(
        widths=(64, 128, 256, 512),
        convolutions=(2, 2, 2, 2),
        attention=False,
        flatten=True,
        dense=(1024, 512),
    )
    assert build_network(config).count_params() == pytest.approx(10.5e6, rel=0.06)


def test_dense_layers_may_be_normalised_before_their_relu():
    config = dataclasses.replace(DEFAULT.network, dense=(8,), dense_norm=True)
    model = build_network(config)
    assert not model.get_layer("dense1").use_bias, "the norm has a shift of its own"
    names = [layer.name for layer in model.layers]
    assert names.index("dense1") < names.index("dense1_norm") < names.index("dense1_relu")
    assert "dense1_norm" not in [layer.name for layer in build_network(REFERENCE.network).layers]
