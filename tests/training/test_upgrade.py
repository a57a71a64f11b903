"""A saved model of the metadata schema before this one is upgraded in place, and then loads."""

import dataclasses
import json
import shutil

import pytest

from model.classifier import Classifier
from model.store.files import SAVED, SavedModelError
from model.store.metadata import SCHEMA_VERSION, Metadata
from model.store.reports import load_report
from training.configs.systems import CONFIGURATIONS
from training.export.upgrade import main
from training.people.config import Step

NAME = "upper_face"


def read(path):
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def old(tmp_path):
    """A saved model as schema 2 had it, in a folder of saved models (its weights are in 16 bits already)."""
    directory = tmp_path / NAME
    shutil.copytree(SAVED / NAME, directory, ignore=shutil.ignore_patterns("*.keras"))
    raw, report = read(directory / "metadata.json"), read(directory / "report.json")
    settings = raw["training"]["settings"]
    settings["masked"] = settings.pop("masked_fraction")
    settings["soup"] = settings.pop("average_checkpoints")
    settings["augment"]["erase"] = settings["augment"].pop("random_erasing")
    settings["network"]["point_units"] = 256
    settings |= {"gradient_clip": None, "schedule": "stable"}
    raw["training"]["soup"] = raw["training"].pop("weight_averaging")
    raw["files"]["model.keras"] = {"sha256": "0", "bytes": 0}
    raw |= {"schema_version": 2, "weights": "float32", "metrics": report["truths"]["fer2013"]}
    (directory / "metadata.json").write_text(json.dumps(raw), encoding="utf-8")
    (directory / "history.json").write_text("{}", encoding="utf-8")
    return directory


def test_an_older_model_is_refused_with_the_command_that_upgrades_it(old):
    with pytest.raises(SavedModelError, match=r"python -m training\.export\.upgrade"):
        Classifier.load(old)


def test_the_upgraded_model_loads_and_says_what_it_said(old, capsys):
    assert main(["--root", str(old.parent)]) == 0
    assert capsys.readouterr().out == f"{NAME}: upgraded\n"
    metadata = Classifier.load(old).metadata
    assert metadata.raw["schema_version"] == SCHEMA_VERSION
    assert metadata.raw == Metadata.load(SAVED / NAME).raw
    assert load_report(old, metadata) == load_report(SAVED / NAME, Metadata.load(SAVED / NAME))
    assert not (old / "history.json").exists()
    assert main(["--root", str(old.parent), NAME]) == 0
    assert capsys.readouterr().out == f"{NAME}: up to date\n"


def test_weights_can_stay_in_32_bits_and_follow_later(tmp_path, capsys):
    directory = tmp_path / "later"
    shutil.copytree(SAVED / NAME, directory, ignore=shutil.ignore_patterns("*.keras"))
    path = directory / "metadata.json"
    path.write_text(json.dumps(read(path) | {"weights": "float32"}), encoding="utf-8")
    assert main(["--root", str(tmp_path), "--keep-weights"]) == 0
    assert read(path)["weights"] == "float32"
    assert main(["--root", str(tmp_path)]) == 0
    assert read(path)["weights"] == "float16"
    assert capsys.readouterr().out == "later: up to date\nlater: upgraded\n"


def test_figures_without_a_report_go_into_one(old):
    figures = read(old / "metadata.json")["metrics"]
    (old / "report.json").unlink()
    assert main(["--root", str(old.parent)]) == 0
    report = load_report(old, Metadata.load(old))
    assert report["truths"] == {"fer2013": figures}


@pytest.mark.parametrize("change", [{"schema_version": 1}, {"files": {"model.onnx": {"sha256": "0"}}}])
def test_what_cannot_be_upgraded_is_left_alone(old, change, capsys):
    path = old / "metadata.json"
    path.write_text(json.dumps(read(path) | change), encoding="utf-8")
    before = {each.name: each.read_bytes() for each in old.iterdir()}
    assert main(["--root", str(old.parent)]) == 2
    assert "cannot be upgraded" in capsys.readouterr().err
    assert {each.name: each.read_bytes() for each in old.iterdir()} == before


@pytest.mark.parametrize("directory", sorted(SAVED.glob("*/model.onnx")), ids=lambda path: path.parent.name)
def test_every_saved_models_settings_are_those_of_a_configuration(directory):
    """A knob that came after a model was trained is missing there; none is there that the code does not have."""
    training = read(directory.parent / "metadata.json")["training"]
    settings = training["settings"]
    if training["configuration"] == "people":
        steps = {field.name for field in dataclasses.fields(Step)}
        assert settings["teacher"].keys() | settings["student"].keys() <= steps
        return
    current = json.loads(json.dumps(CONFIGURATIONS[settings["name"]].to_dict()))
    assert settings.keys() <= current.keys()
    for part in ("input", "network", "augment"):
        assert settings[part].keys() <= current[part].keys()
