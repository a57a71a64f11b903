"""The API's words: what each problem is called and means, and the examples on its page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webapp.api.problems import KINDS, ProblemKind

PHOTO = "family.jpg"


@dataclass(frozen=True, slots=True)
class Example:
    """A program for the page, and what its reader needs to run it."""

    anchor: str
    language: str
    needs: str
    code: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A term and what it means, with an anchor where other pages point to it."""

    term: str
    text: str
    note: str = ""
    anchor: str | None = None


@dataclass(frozen=True, slots=True)
class ApiView:
    """Everything that the page about the API shows."""

    introduction: str
    promises: tuple[str, ...]
    addresses: tuple[Entry, ...]
    examples: tuple[Example, ...]
    answer: str
    fields: tuple[tuple[str, tuple[Entry, ...]], ...]
    problems: tuple[Entry, ...]
    limits: str


INTRODUCTION = (
    "What the pages show to people, the API gives to programs: send photos, get every face with its place and "
    "the probability of each expression as JSON. It is the same JSON that “python -m model --format json” prints."
)
PROMISES = (
    "No key, no account. Photos are read in memory and not kept.",
    "A photo without a face is no error: its list of faces is empty.",
    "If some of several photos cannot be read, each of them has an “error” in its place, and the others are read.",
    "Errors are application/problem+json (RFC 9457).",
    "An expression is what a face shows, not what a person feels. "
    "Not for decisions at work or school, in hiring or in medicine; only photos of people who agree.",
)

CURL = """\
curl -F photo=@{photo} {address}/api/v1/analyze
"""
PYTHON = """\
import requests

with open("{photo}", "rb") as photo:
    answer = requests.post("{address}/api/v1/analyze", files=[("photo", photo)], timeout=60)
if not answer.ok:
    raise SystemExit(answer.json()["detail"])
for result in answer.json():
    if "error" in result:
        print(result["photo"], result["error"])
        continue
    for face in result["faces"]:
        print(result["photo"], face["emotion"], face["confidence"], face["box"])
"""
JAVASCRIPT = """\
import {{ openAsBlob }} from "node:fs";

const form = new FormData();
form.append("photo", await openAsBlob("{photo}"), "{photo}");
const answer = await fetch("{address}/api/v1/analyze", {{ method: "POST", body: form }});
const results = await answer.json();
if (!answer.ok) throw new Error(results.detail);
for (const {{ photo, faces = [], error }} of results) {{
  if (error) console.log(photo, error);
  for (const face of faces) console.log(photo, face.emotion, face.confidence, face.box);
}}
"""
SEVERAL = """\
curl -F photo=@{photo} -F photo=@{photo} -F model={model} {address}/api/v1/analyze
"""


def examples(address: str, model: str, photo: str = PHOTO) -> tuple[Example, ...]:
    """Return the programs of the page, for a site at ``address`` (scheme and host, no slash at the end)."""

    def example(anchor: str, language: str, needs: str, code: str) -> Example:
        return Example(anchor, language, needs, code.format(address=address, model=model, photo=photo))

    return (
        example("curl", "Shell", "With curl:", CURL),
        example("several", "Shell, several photos", "Up to ten, and the model by its name:", SEVERAL),
        example("python", "Python", "With Requests:", PYTHON),
        example("javascript", "JavaScript", "With Node 20 or newer, as a module (analyse.mjs):", JAVASCRIPT),
    )


# The objects of an answer in reading order, and what the page calls them.
OBJECTS = (
    ("AnalysisDict", "A photo"),
    ("FaceDict", "A face"),
    ("QualityDict", "How far to trust it (quality)"),
    ("ErrorDict", "A photo that could not be read"),
)


def present(
    address: str,
    model: str,
    document: Mapping[str, Any],
    answer: str,
    *,
    max_photos: int,
    megabytes: str,
    rate_limit: str | None,
) -> ApiView:
    """Return the page's view; ``document`` is the OpenAPI document, ``answer`` a real answer as JSON."""
    schemas = document["components"]["schemas"]
    rate = f"One address may send {rate_limit.replace('per', 'photos per', 1)}." if rate_limit else ""
    return ApiView(
        introduction=INTRODUCTION,
        promises=PROMISES,
        addresses=_addresses(document),
        examples=examples(address, model),
        answer=NUMBERS_IN_BRACKETS.sub(lambda found: " ".join(found.group().split()), answer),
        fields=tuple((title, _fields(schemas[name])) for name, title in OBJECTS),
        problems=tuple(_problem(kind) for kind in KINDS.values()),
        limits=f"A request takes up to {max_photos} photos of {megabytes} each. {rate}".strip(),
    )


# A position is easier to read on one line than on four.
NUMBERS_IN_BRACKETS = re.compile(r"\[[\s\d.,-]*\]")


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
