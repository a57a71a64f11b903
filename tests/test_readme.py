"""The README tells the truth about the committed model and names what exists."""

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
METADATA = json.loads((ROOT / "model/saved/attention_cnn/metadata.json").read_text(encoding="utf-8"))
ROWS = {
    "PublicTest": "PublicTest",
    "PrivateTest": "PrivateTest",
    "PrivateTest without twins in Training": "PrivateTest_without_twins",
    "both, Kaggle's `test` folder": "test",
}


@pytest.mark.parametrize(("row", "split"), ROWS.items())
def test_the_accuracy_table_is_the_metadatas(row, split):
    metrics = METADATA["metrics"][split]
    line = (
        f"| {row} ({metrics['images']:,}) | {100 * metrics['accuracy']:.1f} % | {metrics['macro_f1']:.3f} |"
    )
    assert line in README


def test_the_training_is_described_as_it_was():
    training = METADATA["training"]
    assert f"{METADATA['parameters']:,} parameters" in README
    assert f"{training['minutes']:.0f} minutes" in README
    assert f"({training['epochs_run']} epochs)" in README


def test_confidence_is_described_as_measured():
    sure = METADATA["metrics"]["PrivateTest"]["confident"]
    assert f"confidence of at least {100 * sure['threshold']:.0f} %" in README
    assert f"{100 * sure['accuracy']:.0f} % of the answers on PrivateTest" in README
    assert f"sure of {100 * sure['coverage']:.0f} % of the faces" in README


def test_every_recall_is_named():
    for name, figures in METADATA["metrics"]["PrivateTest"]["per_class"].items():
        assert f"{name} {100 * figures['recall']:.0f} %" in README


def test_linked_files_exist():
    for target in re.findall(r"\]\(((?!https?:)[^)#]+)\)", README):
        assert (ROOT / target).is_file(), target
