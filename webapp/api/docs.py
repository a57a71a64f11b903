"""View of the API's page, from the OpenAPI document and the problem table."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.api.problems import KINDS, ProblemKind

PHOTO = "family.jpg"  # File name in the page's examples.
# Schemas that the page documents, in order.
OBJECTS = ("AnalysisDict", "FaceDict", "QualityDict", "ModelDict", "ErrorDict", "ExplanationDict")
# Arrays of numbers, which are printed on one line.
NUMBERS_IN_BRACKETS = re.compile(r"\[[\s\d.,-]*\]")


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a description list."""

    term: str  # An address, a field or a problem.
    text: str  # Its description.
    note: str = ""  # HTTP statuses of a problem.
    anchor: str | None = None  # id of the entry, for links.


@dataclass(frozen=True, slots=True)
class ApiView:
    """The computed parts of the API's page."""

    addresses: tuple[Entry, ...]  # Methods and paths.
    answer: str  # The answer for the sample, as JSON.
    fields: Mapping[str, tuple[Entry, ...]]  # By name of the schema, see OBJECTS.
    problems: tuple[Entry, ...]  # One for each of KINDS.


def present(document: Mapping[str, Any], answer: str) -> ApiView:
    """Return the view of an OpenAPI document, with an example answer as JSON."""
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
    """Return the fields that have a description."""
    return tuple(
        Entry(name, field["description"])
        for name, field in schema["properties"].items()
        if "description" in field
    )


def _problem(kind: ProblemKind) -> Entry:
    statuses = ", ".join(str(status) for status in kind.statuses)
    return Entry(kind.slug, f"{kind.title}. {kind.meaning}", note=statuses, anchor=kind.slug)
