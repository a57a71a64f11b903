"""``make test-long`` writes what it ran, and what came out."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TESTS = """
import pytest

@pytest.mark.long
@pytest.mark.parametrize("x", [1, 2])
def test_it(x, record_property):
    record_property("photos", 1000 * x)
    assert x == 1

@pytest.mark.long
@pytest.mark.skip(reason="no")
def test_other(): ...

def test_short(): ...
"""


def test_the_table_has_each_long_test_and_its_figures(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long\n", encoding="utf-8")
    plugin = ["-p", "tests.helpers.long_table", "--table", str(tmp_path / "LONG.md")]
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-m",
        "long",
        "--rootdir",
        str(tmp_path),
        *plugin,
        str(tmp_path),
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, encoding="utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    lines = [line for line in (tmp_path / "LONG.md").read_text("utf-8").splitlines() if "test_some" in line]
    assert [line.split(" | ")[1] for line in lines] == ["passed", "**failed**", "skipped"]
    assert lines[0].endswith("| photos 1000 |")
    assert not any("test_short" in line for line in lines)
