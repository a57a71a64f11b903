"""What the benchmark says of contenders that are not installed, and how it counts answers."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import contenders
from bench.counting import _read
from bench.scenes import matched


def test_what_is_not_installed_is_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(contenders, "FER_PYTHON", tmp_path / "python")
    monkeypatch.setattr(contenders, "NODE_PACKAGES", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    names, reasons = contenders.all_contenders()
    assert [one.name for one in names] == ["ours", "classic"]
    assert len(reasons) == 2
    assert "there is no Node here" in reasons[1]
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/node")
    assert "make bench-node" in contenders.all_contenders()[1][1]


def test_what_is_installed_takes_part(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "node_modules").mkdir()
    monkeypatch.setattr(contenders, "FER_PYTHON", tmp_path)
    monkeypatch.setattr(contenders, "NODE_PACKAGES", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: "/usr/bin/node")
    names, reasons = contenders.all_contenders()
    assert [one.name for one in names] == ["ours", "classic", "fer", "face-api", "human"]
    assert reasons == []


def test_a_photo_without_an_answer_is_read_wrongly() -> None:
    read = _read(["happy", "happy", "sad", "sad"], ["happy", None, "sad", "happy"])
    assert (read.photos, read.answered, read.right) == (4, 3, 2)
    assert read.recalls == {"happy": 0.5, "sad": 0.5}


def test_each_face_takes_one_box() -> None:
    faces = ((0.0, 0.0, 100.0, 100.0), (300.0, 0.0, 100.0, 100.0))
    assert matched([[5, 5, 95, 95], [2, 2, 100, 100], [900, 0, 100, 100]], faces) == 1
    assert matched([[5, 5, 95, 95], [310, 0, 80, 90]], faces) == 2
