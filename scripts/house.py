"""Measure the structure of the code: ``python -m scripts.house [ROOT]``, of this tree or of another checkout of it.

Flat files, circles of imports, arrows between the parts of each package, the stops of one photo from ``POST /results``
to the template, long functions, the size of the sample's page of results, the README's lines, the size of the tree.
"""

from __future__ import annotations

import argparse
import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from scripts.trace_photo import trace_in_process_of_its_own

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("model", "training", "webapp")
LONG = 50

Graph = dict[str, set[str]]


@dataclass(frozen=True)
class Package:
    """What the files of one package say about it."""

    name: str
    flat_files: int  # directly in its folder, less __init__ and __main__
    circles: list[list[str]]  # modules that import one another, each circle once
    arrows: int  # pairs of parts of which one imports the other; a part is a folder or a file beside it


def main() -> int:
    """Print the figures; exit code 0."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("root", nargs="?", type=Path, default=ROOT, help="the checkout (default: this one)")
    root = parser.parse_args().root.resolve()
    packages = [measure(root, name) for name in PACKAGES]
    circles = [circle for package in packages for circle in package.circles]
    walk, long = trace_in_process_of_its_own(root), long_functions(root)
    print(f"files directly in {', '.join(PACKAGES)}: {_each(package.flat_files for package in packages)}")
    print("\n    ".join([f"import circles: {len(circles)}", *(", ".join(circle) for circle in circles)]))
    print(f"arrows among the parts of each: {_each(package.arrows for package in packages)}")
    print(f"stops of a photo: {len(walk.stops)} (files entered: {len(set(walk.stops))})")
    print("\n".join(f"    {stop}" for stop in walk.stops))
    print("\n    ".join([f"functions over {LONG} lines: {len(long)}", *long]))
    print(f"page of the sample's result: {walk.page_bytes / 1000:.0f} KB")
    print(f"lines of README.md: {len((root / 'README.md').read_text(encoding='utf-8').splitlines())}")
    size = archive_bytes(root)
    print("git archive: not a git checkout" if size is None else f"git archive: {size / 1e6:.0f} MB")
    return 0


def measure(root: Path, name: str) -> Package:
    """Read the imports of the package ``name`` below ``root``."""
    graph = imports(root, name)
    arrows = {
        (_part(module), _part(other))
        for module, others in graph.items()
        for other in others
        if _part(module) != _part(other)
    }
    flat = [path for path in (root / name).glob("*.py") if path.stem not in {"__init__", "__main__"}]
    return Package(name, len(flat), circles(graph), len(arrows))


def imports(root: Path, name: str) -> Graph:
    """Return module → modules of the same package that it imports, under TYPE_CHECKING and in functions too."""
    files = {_module(path.relative_to(root)): path for path in sorted((root / name).rglob("*.py"))}
    graph: Graph = {module: set() for module in files}
    for module, path in files.items():
        package = module if path.stem == "__init__" else module.rpartition(".")[0]
        for target in _targets(ast.parse(path.read_text(encoding="utf-8")), package):
            # ``from model.photo import load`` names a module where there is one, else something in the package.
            found = next((each for each in (target, target.rpartition(".")[0]) if each in files), None)
            if found and found != module:
                graph[module].add(found)
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Return the groups of modules each of which reaches every other (strongly connected components)."""
    reached = {module: _reachable(graph, module) for module in graph}
    groups = {
        tuple(sorted({module, *(other for other in reached[module] if module in reached[other])}))
        for module in graph
        if module in reached[module]
    }
    return [list(group) for group in sorted(groups)]


def long_functions(root: Path) -> list[str]:
    """Return file:line and name of each function of the packages with more lines than LONG."""
    return [
        f"{path.relative_to(root).as_posix()}:{node.lineno} {node.name}"
        for name in PACKAGES
        for path in sorted((root / name).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or node.lineno) - node.lineno + 1 > LONG
    ]


def archive_bytes(root: Path) -> int | None:
    """Return how large the committed tree is as a tar file; None where ``root`` is not a git checkout."""
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "archive", "--format=tar", "HEAD"]
    size = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:  # noqa: S603  # a fixed command of our own
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        while block := process.stdout.read(1 << 20):
            size += len(block)
    return size


def _targets(tree: ast.AST, package: str) -> Iterator[str]:
    """Every module, or name in a module, that the tree imports, as an absolute dotted name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parts = package.split(".")
            base = parts[: len(parts) - node.level + 1] if node.level else []
            yield from (".".join([*base, *filter(None, [node.module]), alias.name]) for alias in node.names)


def _module(path: Path) -> str:
    parts = path.with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _part(module: str) -> str:
    """The second name: the folder, or the file directly in the package; empty for the package itself."""
    return ".".join(module.split(".")[1:2])


def _reachable(graph: Graph, start: str) -> set[str]:
    reached: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        module = waiting.pop()
        if module not in reached:
            reached.add(module)
            waiting += graph[module]
    return reached


def _each(figures: Iterable[int]) -> str:
    return ", ".join(str(figure) for figure in figures)


if __name__ == "__main__":
    sys.exit(main())
