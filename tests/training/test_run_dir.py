"""A run's folder: emptied for a new training, kept for a resume, refused for another configuration."""

import dataclasses
import json

import pytest

from training.configs.systems import CONFIGURATIONS, DEFAULT
from training.network.run_dir import CONFIGURATION, RunError, differences, open_run

WIDER = dataclasses.replace(DEFAULT, network=dataclasses.replace(DEFAULT.network, widths=(64, 128)))


@pytest.fixture
def stopped(tmp_path):
    """A run of the default configuration that was stopped after an epoch."""
    run = tmp_path / "attention_cnn"
    open_run(run, DEFAULT, resume=False)
    (run / "best.weights.h5").write_bytes(b"weights")
    return run


def test_a_new_training_empties_the_folder(stopped):
    open_run(stopped, WIDER, resume=False)
    assert [path.name for path in stopped.iterdir()] == [CONFIGURATION]


@pytest.mark.parametrize("config", [DEFAULT, dataclasses.replace(DEFAULT, epochs=90)])
def test_a_resume_keeps_the_checkpoints_and_may_run_longer(stopped, config):
    open_run(stopped, config, resume=True)
    assert (stopped / "best.weights.h5").read_bytes() == b"weights"
    assert json.loads((stopped / CONFIGURATION).read_text())["epochs"] == config.epochs


def test_a_resume_of_another_training_is_refused_and_loses_nothing(stopped):
    before = {path: path.read_bytes() for path in stopped.iterdir()}
    with pytest.raises(RunError, match=r"network\.widths .*now \[64, 128\].*leave --resume out"):
        open_run(stopped, WIDER, resume=True)
    assert {path: path.read_bytes() for path in stopped.iterdir()} == before


def test_a_folder_without_a_configuration_is_taken_as_it_is(stopped):
    (stopped / CONFIGURATION).unlink()
    open_run(stopped, WIDER, resume=True)
    assert (stopped / "best.weights.h5").exists()


def test_a_resume_of_nothing_begins(tmp_path):
    open_run(tmp_path / "new", DEFAULT, resume=True)
    assert (tmp_path / "new" / CONFIGURATION).exists()


def test_every_two_configurations_differ_in_more_than_their_name():
    plain = [config.to_dict() for config in CONFIGURATIONS.values()]
    for index, one in enumerate(plain):
        for other in plain[index + 1 :]:
            assert set(differences(one, other)) > {"name"}


def test_differences_name_what_only_one_has():
    assert differences({"a": 1, "b": {"c": 2}}, {"b": {"c": 3}, "d": 4}) == {
        "a": (1, None),
        "b.c": (2, 3),
        "d": (None, 4),
    }
