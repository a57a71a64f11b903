"""Why a bulk run cannot begin, or go on."""

from __future__ import annotations


class BulkError(Exception):
    """The message says what is wrong and what to do."""


class MissingPackage(BulkError):
    """A package that this needs is not installed."""


class ClusterGone(BulkError):
    """Dask's scheduler is no longer there."""
