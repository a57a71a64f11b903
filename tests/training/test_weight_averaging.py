"""The average of two epochs' weights is kept only if it is better."""

import keras
import numpy as np
import pytest

from training.network.weight_averaging import average

# Keras converts TensorFlow variables in a way that NumPy 2 will not know for ever.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

X = np.array([[-2.0], [-1.0], [1.0], [2.0]], np.float32)
Y = np.eye(2, dtype=np.float32)[[0, 0, 1, 1]]


class Points(keras.utils.PyDataset):
    """Four numbers whose class is their sign."""

    def __len__(self):
        return 1

    def __getitem__(self, index):
        return X, Y


@pytest.fixture
def model():
    network = keras.Sequential([keras.Input((1,)), keras.layers.Dense(2, activation="softmax")])
    network.compile(loss="categorical_crossentropy", metrics=["accuracy"])
    return network


def saved(model, path, bias):
    """Weights whose class changes at ``-bias``."""
    model.set_weights([np.array([[-1.0, 1.0]], np.float32), np.array([-bias, bias], np.float32)])
    model.save_weights(path)
    return path


@pytest.mark.parametrize(
    ("best", "last", "kept", "bias"),
    [
        (1.5, -1.5, "average", 0.0),  # each wrong on one of the four, to either side
        (0.0, 5.0, "best epoch", 0.0),  # the average would be wrong on two
        (0.0, 0.0, "best epoch", 0.0),  # a tie
    ],
)
def test_the_better_of_the_best_epoch_and_the_average_is_kept(model, tmp_path, best, last, kept, bias):
    files = saved(model, tmp_path / "b.weights.h5", best), saved(model, tmp_path / "l.weights.h5", last)
    told = average(model, *files, Points())
    assert told["kept"] == kept
    assert model.get_weights()[1][1] == pytest.approx(bias)
    assert told["best_epoch"] == (0.75 if best else 1.0)
    if kept == "average":
        assert told["average_of_best_and_last_epoch"] == 1.0
