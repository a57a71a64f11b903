"""Run each ``*.test.mjs`` of this folder under ``node --test``; skipped where there is no Node of 20 or later."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.glob("*.test.mjs")))
def test_the_scripts_own_tests_pass(node: str, file: str) -> None:
    run = subprocess.run([node, "--test", str(FOLDER / file)], capture_output=True, text=True, timeout=300)
    assert run.returncode == 0, run.stdout + run.stderr
