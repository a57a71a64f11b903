"""Node, which runs the scripts without a browser."""

from __future__ import annotations

import pytest

from tests.helpers.node import node_or_skip


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node."""
    return node_or_skip()
