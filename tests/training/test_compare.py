"""Two models on the same images: differences with intervals and tests, and every pair of label sources."""

import dataclasses
import json

import numpy as np
import pytest
from sklearn.metrics import f1_score

from model.classifier import Classifier
from model.store.files import SAVED
from tests.training import tiny
from training.compare import compare, compare_predictions, main
from training.data.fer2013 import load_fer2013
from training.reports.intervals import bootstrap_differences, mcnemar
from training.reports.predict import CachedPredictor


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    root = tmp_path_factory.mktemp("fer2013")
    tiny.write_images(root, training=2, tests=3)
    tiny.write_parts(root)
    return root


def draw(seed, right, images=3000):
    """True labels, and predictions of a given accuracy for each label."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 7, images)
    wrong = (labels + rng.integers(1, 7, images)) % 7
    return labels, np.where(rng.random(images) < right, labels, wrong)


def test_mcnemars_p_is_the_binomials():
    # By hand: of twelve images 2 or fewer one way, (1 + 12 + 66) / 4096, and as many the other way.
    assert mcnemar(10, 2) == pytest.approx(2 * 79 / 4096)
    assert mcnemar(2, 10) == mcnemar(10, 2)
    assert mcnemar(5, 5) == 1
    assert mcnemar(0, 0) == 1


def test_the_paired_interval_is_as_wide_as_the_formula_for_paired_shares():
    labels, first = draw(1, 0.7)
    _, noise = draw(2, 0.5)
    second = np.where(np.arange(3000) < 2400, first, noise)
    (low, high), _ = bootstrap_differences(first, second, labels, 7)
    one, other = first == labels, second == labels
    difference = float(other.mean() - one.mean())
    assert low < difference < high
    discordant = float((one != other).mean())
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt((discordant - difference**2) / 3000), rel=0.1)


def test_a_better_answer_is_found_better_and_chance_is_not():
    labels, first = draw(3, 0.6)
    better = np.where(np.arange(3000) % 10 == 0, labels, first)
    found = compare_predictions(first, better, labels, 7)
    assert found.images == 3000
    assert found.only_first_right == 0
    assert found.only_second_right == int((better == labels).sum() - (first == labels).sum()) > 0
    assert found.accuracy == ((first == labels).mean(), (better == labels).mean())
    assert found.macro_f1 == pytest.approx(
        tuple(f1_score(labels, x, average="macro") for x in (first, better))
    )
    assert 0 < found.accuracy_interval[0] < found.accuracy_difference < found.accuracy_interval[1]
    assert 0 < found.macro_f1_interval[0] < found.macro_f1_difference < found.macro_f1_interval[1]
    assert found.p < 1e-6

    same = compare_predictions(first, first, labels, 7)
    assert same.accuracy_difference == same.macro_f1_difference == 0
    assert same.accuracy_interval == same.macro_f1_interval == (0, 0)
    assert same.p == 1


def test_models_of_seven_and_of_five_labels_are_judged_on_the_five(data, capsys):
    assert main(["deep", "colour", "--data", str(data), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert list(found) == ["PublicTest", "PrivateTest", "PrivateTest_without_twins", "test"]
    assert found["PrivateTest"]["images"] == 5 * 3
    assert found["test"]["images"] == 5 * 3 * 2

    assert main(["deep", "deep", "--data", str(data)]) == 0
    head, *rows = capsys.readouterr().out.splitlines()
    assert head.count("deep") == 2
    assert rows[1].split()[:2] == ["PrivateTest", "21"]
    assert "+0.00 (+0.00 to +0.00)" in rows[1]


def test_under_masks_both_see_the_same_images(data, tmp_path, capsys):
    options = ["--data", str(data), "--landmarks", str(data / "landmarks.npz"), "--masks", str(tmp_path)]
    assert main(["deep", "upper_face", *options, "--masked", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["PrivateTest_masked"]["images"] == 5 * 3
    # The band's model learned on masks and brings them; where the other was not asked for them, none are compared.
    assert main(["deep", "upper_face", *options, "--json"]) == 0
    assert not any("masked" in split for split in json.loads(capsys.readouterr().out))


def test_models_without_a_common_pair_of_labels_are_refused(data):
    colour, other = (CachedPredictor(Classifier.load(SAVED / "colour")) for _ in range(2))
    other.metadata = dataclasses.replace(other.metadata, name="mine", labels=("happy", "disgust"))
    images = load_fer2013(data)
    with pytest.raises(ValueError, match="colour and mine share fewer than two labels"):
        compare((colour, other), (images, images))


def test_what_cannot_be_compared_is_said(data, capsys):
    assert main(["deep", "no_such_model", "--data", str(data)]) == 2
    assert "no saved model" in capsys.readouterr().err
    assert main(["deep", "landmarks", "--data", str(data), "--meshes", str(data / "none.npz")]) == 2
    assert "training.data.meshes" in capsys.readouterr().err
    assert main(["deep", "colour", "--data", str(data / "none.zip")]) == 2
    assert "Download" in capsys.readouterr().err
