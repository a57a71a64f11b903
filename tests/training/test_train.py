"""Training end to end: one epoch on a tiny data set gives a saved model that the site can load."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from model.classifier import Classifier
from tests.training import tiny
from training.configs.schema import LABELS
from training.configs.systems import DEFAULT
from training.data.ferplus import ANSWERS, COLUMNS
from training.train import configure, main, parse

ROOT = Path(__file__).parents[2]
FOLDERS = {"out": "saved", "runs": "runs", "plots": "plots"}
PLOTS = {
    "training_accuracy",
    "training_loss",
    "training_precision",
    "training_recall",
    "class_distribution",
    "confusion_matrix",
    "reliability",
    "risk_coverage",
    "per_class",
    "confused_pairs",
}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A tiny FER-2013 whose classes differ by a bright bar's place, so that a network can learn them."""
    root = tmp_path_factory.mktemp("fer2013")
    rng = np.random.default_rng(13)
    for split, part, count in (
        ("Training", "train", 20),
        ("PublicTest", "test", 4),
        ("PrivateTest", "test", 4),
    ):
        for index, label in enumerate(LABELS):
            place = root / part / label
            place.mkdir(parents=True, exist_ok=True)
            for number in range(count):
                image = rng.integers(0, 60, (48, 48), np.uint8)
                image[6 * index : 6 * index + 6] += 150
                cv2.imwrite(str(place / f"{split}_{index}{number:02}.jpg"), image)
    with (root / "votes.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["file", *ANSWERS])
        for path in sorted(root.rglob("*.jpg")):
            votes = [0] * len(ANSWERS)
            # One image of angry has no votes for an expression.
            column = (
                "unknown"
                if path.name == "Training_000.jpg"
                else ANSWERS[COLUMNS[LABELS.index(path.parent.name)]]
            )
            votes[ANSWERS.index(column)] = 10
            writer.writerow([path.relative_to(root).as_posix(), *votes])
    return root


@pytest.fixture(scope="module")
def trained(data, tmp_path_factory):
    """One run of the command line as a user would start it; returns its folder and output."""
    out = tmp_path_factory.mktemp("out")
    done = run(data, out, "--epochs", "1")
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def arguments(data, out, *options):
    places = [f"--{name}={out / folder}" for name, folder in FOLDERS.items()]
    return ["--data", str(data), "--votes", str(data / "votes.csv"), *places, *options]


def run(data, out, *options):
    command = [sys.executable, "-m", "training.train", *arguments(data, out, *options)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=1800, check=False)


@pytest.mark.slow
def test_one_epoch_gives_a_loadable_saved_model(trained):
    out, said = trained
    directory = out / "saved" / "attention_cnn"
    assert {path.name for path in directory.iterdir()} == {
        "model.keras",
        "model.onnx",
        "metadata.json",
        "history.csv",
        "report.json",
    }
    classifier = Classifier.load(directory)
    (prediction,) = classifier.classify(np.zeros((1, 48, 48), np.uint8))
    assert prediction.labels == LABELS
    assert prediction.attention.shape == (12, 12)
    assert "epoch 1/1" in said
    assert "min left" in said


@pytest.mark.slow
def test_the_votes_head_is_a_saved_model_too(trained):
    out, said = trained
    votes = Classifier.load(out / "saved" / "attention_cnn_votes")
    label = Classifier.load(out / "saved" / "attention_cnn")
    assert (label.metadata.label_source, votes.metadata.label_source) == ("fer2013", "ferplus")
    face = np.zeros((1, 48, 48), np.uint8)
    assert not np.array_equal(votes.classify(face)[0].logits, label.classify(face)[0].logits)
    assert "1 training images left out" in said


@pytest.mark.slow
def test_the_metadata_tells_how_the_model_came_about(trained, data):
    out, _ = trained
    raw = json.loads((out / "saved" / "attention_cnn" / "metadata.json").read_text(encoding="utf-8"))
    assert raw["data"]["images"] == {"Training": 139, "PublicTest": 28, "PrivateTest": 28}
    assert raw["data"]["class_counts"] == dict.fromkeys(LABELS, 20) | {"angry": 19}
    assert raw["training"]["epochs_run"] == 1
    assert raw["training"]["settings"]["network"]["widths"] == list(DEFAULT.network.widths)
    assert str(data) in raw["training"]["command"]
    report = json.loads((out / "saved" / "attention_cnn" / "report.json").read_text(encoding="utf-8"))
    assert report["truths"]["fer2013"]["test"]["images"] == 56
    assert 0 < raw["temperature"] <= 4


@pytest.mark.slow
def test_history_and_plots_are_written(trained):
    out, _ = trained
    with (out / "saved" / "attention_cnn" / "history.csv").open(newline="") as file:
        (row,) = csv.DictReader(file)
    wanted = {"epoch", "seconds", "loss", "accuracy", "precision", "recall", "votes_accuracy"}
    assert wanted | {f"val_{name}" for name in ("loss", "accuracy", "precision", "recall")} <= set(row)
    for name in ("attention_cnn", "attention_cnn_votes"):
        assert {path.stem for path in (out / "plots" / name).glob("*.png")} == PLOTS
    for path in (out / "plots").rglob("*.png"):
        assert cv2.imread(str(path)).std() > 5, f"{path.name} is not blank"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # What Keras, TensorFlow and tf2onnx use of NumPy.
def test_a_stopped_run_goes_on_where_it_stopped(trained, data, monkeypatch, capsys):
    """In this process, and with one of the two saved models written: the first run has shown both."""
    out, _ = trained
    monkeypatch.setattr("training.train.saved_models", lambda *given, **named: {"attention_cnn": "fer2013"})
    assert main(arguments(data, out, "--epochs", "2", "--resume")) == 0
    said = capsys.readouterr().out
    assert "epoch 2/2" in said
    assert "epoch 1/2" not in said
    with (out / "saved" / "attention_cnn" / "history.csv").open(newline="") as file:
        assert [float(row["epoch"]) for row in csv.DictReader(file)] == [0, 1]


@pytest.mark.slow
def test_another_training_does_not_go_on_from_this_run(trained, data):
    done = run(data, trained[0], "--labels", "fer2013", "--resume")
    assert done.returncode == 2
    assert "labels 'both', now 'fer2013'" in done.stderr
    assert "--name" in done.stderr


def test_a_configuration_with_votes_asks_for_them(data, capsys):
    assert main(["--data", str(data)]) == 2
    assert "pass --votes ferplus_votes.csv" in capsys.readouterr().err


def test_unusable_data_stops_before_any_training(tmp_path, capsys):
    assert main(["--data", str(tmp_path / "nothing.zip")]) == 2
    assert "There is nothing at" in capsys.readouterr().err


def test_fewer_images_than_a_batch_are_refused(tmp_path, capsys):
    tiny.write_images(tmp_path, training=3, tests=2)
    assert main(["--data", str(tmp_path), "--labels", "fer2013"]) == 2
    assert "21 training images are fewer than one batch of 64" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--epochs", "0"], ["--configuration", "better"], ["--model", "x"], []])
def test_bad_usage_says_so(options, capsys):
    data = ["--data", "x"] if options else []
    with pytest.raises(SystemExit) as error:
        parse([*data, *options])
    assert error.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_the_command_line_changes_the_configuration():
    options = [
        "--data",
        "x",
        "--configuration",
        "reference",
        "--epochs",
        "3",
        "--seed",
        "5",
        "--precision",
        "mixed",
    ]
    config = configure(parse(options))
    assert (config.name, config.epochs, config.seed, config.mixed_precision) == ("reference", 3, 5, True)
