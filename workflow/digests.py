"""Digests of the project's own code and tables, passed as params so that Snakemake reruns what their change touches.

Snakemake follows a script by its modification time only, and does not follow the modules it imports at all. The digest is of what the
code does: comments, docstrings and layout do not count, so that mending a word redoes no genome.
"""

import ast
import functools
import hashlib
from collections.abc import Sequence
from pathlib import Path

from workflow.remembered import remembered

ROOT = Path(__file__).resolve().parent.parent


@functools.cache
def _bytes(path: Path) -> bytes:
    return path.read_bytes()


@functools.cache
def _meaning(path: Path) -> bytes:
    """Return a Python file's syntax tree as text, without docstrings."""
    tree = ast.parse(_bytes(path), filename=str(path))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree).encode()


@functools.cache
def imports_of(path: Path) -> frozenset[str]:
    """Return modules, and names in them, that a Python file imports anywhere in it: `numpy`, `workflow.files`, `workflow.files.atomic`."""
    return frozenset(remembered("imports 1", [_bytes(path)], lambda: _imports(path)))


def _imports(path: Path) -> list[str]:
    modules = set()
    for node in ast.walk(ast.parse(_bytes(path), filename=str(path))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules.add(node.module)
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
    return sorted(modules)


def files_behind(path: Path, root: Path = ROOT) -> list[Path]:
    """Return `path` and every file of the package `workflow` that it imports, directly or not, sorted."""
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current not in seen:
            seen.add(current)
            waiting.extend(_files_imported(current, root))
    return sorted(seen)


@functools.cache
def _files_imported(path: Path, root: Path) -> tuple[Path, ...]:
    """Return the files of the package `workflow` that a file imports; of a sub-package, what it offers by its own name."""
    names = [root.joinpath(*name.split(".")) for name in imports_of(path) if name.startswith("workflow.")]
    files = [one for name in names for one in (name.with_suffix(".py"), name / "__init__.py")]
    return tuple(file for file in files if file.is_file())


@functools.cache
def code_of(script: str, root: Path = ROOT) -> str:
    """Return a digest (16 hex digits) of `scripts/<script>.py` and of all the project's modules it relies on."""
    return _digest_of_meaning(files_behind(root / "scripts" / f"{script}.py", root), root)


def _digest_of_meaning(files: Sequence[Path], root: Path) -> str:
    names = [str(file.relative_to(root)).encode() for file in files]

    def work_out() -> str:
        digest = hashlib.sha256()
        for name, file in zip(names, files, strict=True):
            digest.update(name + b"\0" + _meaning(file) + b"\0")
        return digest.hexdigest()[:16]

    return str(remembered("meaning 1", [*names, *map(_bytes, files)], work_out))


@functools.cache
def digest_of(*names: str) -> str:
    """Return a digest (16 hex digits) of files of the project, named relative to its root."""
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (ROOT / name).read_bytes() + b"\0")
    return digest.hexdigest()[:16]


@functools.cache
def meaning_of(*names: str) -> str:
    """Return a digest (16 hex digits) of what Python files of the project do, without the modules they import."""
    return _digest_of_meaning([ROOT / name for name in names], ROOT)
