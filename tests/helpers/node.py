"""Node, which runs the scripts of the pages outside a browser; tests that need it are skipped where there is none."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from bench.parity.node import NoNode, node


def node_or_skip() -> str:
    """Return Node's path; skips the test without a Node that is new enough."""
    try:
        return node()
    except NoNode as error:
        pytest.skip(str(error))


def run_node_tests(file: Path, cases: Path) -> None:
    """Run a file of ``node:test``, which finds the folder ``cases`` in the environment; fails with what it prints."""
    run = subprocess.run(
        [node_or_skip(), "--test", str(file)],
        env={**os.environ, "CASES": str(cases)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if run.returncode:
        pytest.fail(run.stdout[-6000:] + run.stderr[-2000:])
