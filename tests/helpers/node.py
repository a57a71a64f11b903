"""Node, which runs the scripts of the pages outside a browser; tests that need it are skipped where there is none."""

from __future__ import annotations

import pytest

from bench.parity.node import NoNode, node


def node_or_skip() -> str:
    """Return Node's path; skips the test without a Node that is new enough."""
    try:
        return node()
    except NoNode as error:
        pytest.skip(str(error))
