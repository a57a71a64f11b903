"""Bulk on two nodes with network namespaces of their own: the rows of one node, and nothing left behind."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bench import nodes
from bench.made_photos import make_photos
from model.bulk.reading import Setup
from model.recognizer import DEFAULT_MODEL
from model.store.files import SAVED
from model.store.metadata import Metadata


def test_an_odd_core_is_left_out() -> None:
    assert nodes.halves_of([0, 1, 4, 5, 6]) == ([0, 1], [4, 5])


@pytest.mark.long
def test_two_nodes_give_the_rows_of_one_and_leave_no_network_behind(tmp_path: Path) -> None:
    if reason := nodes.unable():
        pytest.skip(reason)
    names = make_photos(tmp_path, 32)
    setup = Setup(DEFAULT_MODEL, Metadata.load(SAVED / DEFAULT_MODEL).version, "mtcnn")
    one, two = nodes.halves_of(sorted(os.sched_getaffinity(0)))
    rows = nodes.read(setup, names, [one, two]).rows
    assert rows == nodes.read(setup, names, [one]).rows
    assert len(rows) == 32
    links = subprocess.run(["ip", "link"], capture_output=True, text=True, check=True).stdout
    assert nodes.BRIDGE not in links
    assert "fv-" not in links
