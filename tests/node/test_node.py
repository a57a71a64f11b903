"""Run each ``*.test.mjs`` of this folder under ``node --test``; skipped where there is no Node of 20 or later."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
OLDEST = 20  # The first whose .js files may be modules without a package.json that says so.


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node."""
    found = shutil.which("node")
    if found is None:
        pytest.skip("no Node here, which runs the scripts' own tests")
    version = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").partition(".")[0]) < OLDEST:
        pytest.skip(f"Node {version} is older than {OLDEST}")
    return found


@pytest.mark.parametrize("file", sorted(path.name for path in FOLDER.glob("*.test.mjs")))
def test_the_scripts_own_tests_pass(node: str, file: str) -> None:
    run = subprocess.run([node, "--test", str(FOLDER / file)], capture_output=True, text=True, timeout=120)
    assert run.returncode == 0, run.stdout + run.stderr
