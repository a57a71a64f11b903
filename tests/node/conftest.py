"""Node, which runs the scripts without a browser."""

from __future__ import annotations

import shutil
import subprocess

import pytest

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
