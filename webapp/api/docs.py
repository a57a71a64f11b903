"""What the page about the API shows of the OpenAPI document and of the problem table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.api.problems import KINDS, ProblemKind

PHOTO = "family.jpg"  # The photo of the page's examples.
# The objects of an answer in reading order.
OBJECTS = ("AnalysisDict", "FaceDict", "QualityDict", "ErrorDict")
# A position is easier to read on one line than on four.
NUMBERS_IN_BRACKETS = re.compile(r"\[[\s\d.,-]*\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and what it means."""

    term: str
    text: str
    note: str = ""
    anchor: str | None = None  # Where other pages point to it.


@dataclass(frozen=True, slots=True)
class ApiView:
    """What is computed of the page about the API."""

    addresses: tuple[Entry, ...]
    answer: str  # A real one, as JSON.
    fields: Mapping[str, tuple[Entry, ...]]  # Of each of OBJECTS.
    problems: tuple[Entry, ...]


def present(document: Mapping[str, Any], answer: str) -> ApiView:
    """Return the page's view of the OpenAPI document, with a real answer as JSON."""
    schemas = document["components"]["schemas"]
    return ApiView(
        addresses=_addresses(document),
        answer=NUMBERS_IN_BRACKETS.sub(lambda found: " ".join(found.group().split()), answer),
        fields={name: _fields(schemas[name]) for name in OBJECTS},
        problems=tuple(_problem(kind) for kind in KINDS.values()),
    )


def _addresses(document: Mapping[str, Any]) -> tuple[Entry, ...]:
    base = document["servers"][0]["url"]
    return tuple(
        Entry(f"{method.upper()} {base}{path}", operation["summary"])
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    )


def _fields(schema: Mapping[str, Any]) -> tuple[Entry, ...]:
    """Return the described fields; the others say what they are by their name."""
    return tuple(
        Entry(name, field["description"])
        for name, field in schema["properties"].items()
        if "description" in field
    )


def _problem(kind: ProblemKind) -> Entry:
    statuses = ", ".join(str(status) for status in kind.statuses)
    return Entry(kind.slug, f"{kind.title}. {kind.meaning}", note=statuses, anchor=kind.slug)
