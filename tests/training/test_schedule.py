"""The warmup-stable-decay schedule."""

import numpy as np
import pytest

from training.network.schedule import WarmupStableDecay


@pytest.fixture
def rates():
    schedule = WarmupStableDecay(0.05, warmup=10, decay=20, total=100)
    return np.array([float(schedule(step)) for step in range(101)])


def test_it_warms_up_stays_and_ends_at_zero(rates):
    assert rates[0] == pytest.approx(0.005)
    np.testing.assert_allclose(rates[9:81], 0.05, rtol=1e-5)
    assert rates[90] == pytest.approx(0.025)
    assert rates[100] == 0


def test_a_longer_run_is_the_same_until_the_shorter_one_goes_down(rates):
    longer = WarmupStableDecay(0.05, warmup=10, decay=20, total=200)
    np.testing.assert_allclose([float(longer(step)) for step in range(80)], rates[:80], rtol=1e-6)


def test_without_warm_up_or_decay_it_is_constant():
    schedule = WarmupStableDecay(0.1, warmup=0, decay=0, total=10)
    assert [float(schedule(step)) for step in range(10)] == pytest.approx([0.1] * 10)
