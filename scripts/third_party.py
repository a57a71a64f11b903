"""Write THIRD_PARTY.md, the third-party files and packages with their licences: ``python -m scripts.third_party``.

Folders with third-party files have a licence file; the packages are those of requirements.txt, with the licences that
the installed packages state. Raises ValueError if one is missing.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "THIRD_PARTY.md"
LICENCE_FILES = ("LICENSE", "LICENSE.md", "LICENSE.txt")


@dataclass(frozen=True)
class Foreign:
    """A folder with files of others."""

    folder: str
    what: str
    licence: str
    source: str


# Converted networks say themselves where they are from: see ``foreign``.
KNOWN = (
    Foreign(
        "static/vendor/bricolage-grotesque",
        "the font Bricolage Grotesque, reduced to Latin letters",
        "OFL-1.1",
        "https://github.com/ateliertriay/bricolage",
    ),
    Foreign("static/vendor/pico", "Pico CSS, unchanged", "MIT", "https://picocss.com"),
    Foreign(
        "static/vendor/onnxruntime-web",
        "ONNX Runtime for browsers, unchanged; its WebAssembly is compressed",
        "MIT",
        "https://onnxruntime.ai",
    ),
    Foreign(
        "static/samples",
        "portraits of Eileen Collins and Grace Hopper, and pictures made of them",
        "public domain",
        "NASA, US Navy",
    ),
    Foreign(
        "model/saved", "weights learned from FER-2013's images", "research and teaching", "FER-2013, FER+"
    ),
)


def main(argv: list[str] | None = None) -> int:
    """Write the file; exit code 0."""
    argparse.ArgumentParser(prog="python -m scripts.third_party", description=__doc__).parse_args(argv)
    TARGET.write_text(markdown(), encoding="utf-8")
    print(f"Wrote {TARGET.name}.")
    return 0


def markdown() -> str:
    """Return the file's text."""
    lines = [
        "# What is of others",
        "",
        "Written by `python -m scripts.third_party`.",
        "",
        "## In this repository",
        "",
        "| folder | what | licence | from |",
        "|---|---|---|---|",
        *(
            f"| `{each.folder}/` | {each.what} | [{each.licence}]({licence_file(each.folder)}) | {each.source} |"
            for each in foreign()
        ),
        "",
        "## Installed to serve",
        "",
        "| package | licence, as the package states it |",
        "|---|---|",
        *(f"| [{name}](https://pypi.org/project/{name}/) | {licence(name)} |" for name in packages()),
        "",
    ]
    return "\n".join(lines)


def foreign(root: Path = ROOT) -> list[Foreign]:
    """Return the known folders, and each one in model/saved whose metadata names a source."""
    found = list(KNOWN)
    for path in sorted((root / "model" / "saved").glob("*/metadata.json")):
        source = json.loads(path.read_text(encoding="utf-8")).get("source")
        if source:
            what = f"networks of `{source['package']}` {source['version']} by {source['author']}, converted"
            folder = path.parent.relative_to(root).as_posix()
            found.append(Foreign(folder, what, source["license"], source["url"]))
    return sorted(found, key=lambda each: each.folder)


def licence_file(folder: str, root: Path = ROOT) -> str:
    """Return the path of the licence that lies in a folder; raises ValueError where there is none."""
    for name in LICENCE_FILES:
        if (root / folder / name).is_file():
            return f"{folder}/{name}"
    raise ValueError(f"{folder} has files of others and no licence beside them")


def packages(root: Path = ROOT) -> list[str]:
    """Return the names in requirements.txt that this Python installs."""
    lines = (root / "requirements.txt").read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    wanted = (
        Requirement(line.partition(" --hash")[0].partition(" #")[0].strip())
        for line in lines
        if line.strip() and not line.lstrip().startswith(("#", "-"))
    )
    return sorted({each.name for each in wanted if each.marker is None or each.marker.evaluate()})


def licence(name: str) -> str:
    """Return what the installed package says its licence is; raises ValueError where it says nothing."""
    about = metadata.metadata(name).json
    if expression := about.get("license_expression"):
        return str(expression)
    classifiers = [each for each in about.get("classifier", ()) if each.startswith("License ::")]
    names = [each.rpartition(" :: ")[2] for each in classifiers if not each.endswith("OSI Approved")]
    stated = str(about.get("license", "")).strip()
    if not names and not stated:
        raise ValueError(f"{name} states no licence")
    return ", ".join(names) or stated.splitlines()[0]


if __name__ == "__main__":
    sys.exit(main())
