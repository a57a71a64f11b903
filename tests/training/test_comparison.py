"""The table over all models is that of the committed files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from model.registry import ModelRegistry
from model.store.files import SAVED, saved_models
from model.store.metadata import Metadata
from model.store.reports import load_comparison
from tests.helpers.several_models import NAME, build
from training.configs.systems import CONFIGURATIONS
from training.reports.comparison import COLUMNS, FIVE_COLUMNS, SYSTEMS, as_markdown, cell, in_order, row


def test_every_saved_model_has_its_row_and_figures() -> None:
    comparison = load_comparison()
    assert comparison is not None
    assert {entry["name"] for entry in comparison["rows"]} == set(saved_models())
    for entry in comparison["rows"]:
        directory = SAVED / entry["name"]
        assert entry == row(Metadata.load(directory), directory) | {"milliseconds": entry["milliseconds"]}
        assert entry["milliseconds"] > 0


def test_every_system_that_is_named_can_be_trained() -> None:
    # "people" is what training.people trains.
    assert set(SYSTEMS) <= {*CONFIGURATIONS, "people"}


def test_a_configuration_that_no_project_is_named_for_stands_last() -> None:
    rows = [
        {"configuration": configuration, "name": name}
        for configuration, name in (
            ("mine", "b"),
            ("mine", "a"),
            ("landmarks", "landmarks"),
            ("deep", "deep"),
        )
    ]
    assert [entry["name"] for entry in sorted(rows, key=in_order)] == ["deep", "landmarks", "a", "b"]


def test_a_model_of_five_labels_and_one_of_votes(tmp_path: Path) -> None:
    metrics = {"PrivateTest": {"accuracy": 0.5, "macro_f1": 0.4}, "PrivateTest_masked": {"accuracy": 0.3}}
    build(
        tmp_path,
        five={"labels": ["angry", "happy", "neutral", "sad", "surprise"]},
        voted={"target": "ferplus"},
        unmeasured={},
    )
    for name, source in (("five", "fer2013"), ("voted", "ferplus")):
        path = tmp_path / name / "report.json"
        report = json.loads(path.read_text(encoding="utf-8")) | {"truths": {source: metrics}}
        path.write_text(json.dumps(report), encoding="utf-8")
    (tmp_path / "unmeasured" / "report.json").unlink()
    rows = {name: row(Metadata.load(tmp_path / name), tmp_path / name) for name in ("five", "voted")}
    assert rows["five"]["classes"] == 5
    assert (rows["five"]["private_test"], rows["five"]["masked"], rows["five"]["test"]) == (0.5, 0.3, None)
    # Its metrics are about votes, so they say nothing of FER-2013's label.
    assert rows["voted"]["private_test"] is None
    assert row(Metadata.load(tmp_path / "unmeasured"), tmp_path / "unmeasured")["test"] is None
    assert ModelRegistry.load(NAME, root=tmp_path).names == (NAME, "five", "unmeasured", "voted")


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [("private_test", 0.7123, "71.2"), ("macro_f1", 0.7, "0.700"), ("test", None, "–"), ("name", "a", "`a`")],
)
def test_cells(name: str, value: object, text: str) -> None:
    assert cell(name, value) == text


@pytest.mark.parametrize("columns", [COLUMNS, FIVE_COLUMNS])
def test_the_table_has_a_cell_for_every_column(columns: dict[str, str]) -> None:
    comparison = json.loads((SAVED / "comparison.json").read_text(encoding="utf-8"))
    lines = as_markdown(comparison, columns).splitlines()
    assert len(lines) == 2 + len(comparison["rows"])
    assert {line.count("|") for line in lines} == {len(columns) + 1}
