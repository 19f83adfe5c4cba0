"""Digests of the project's own code and tables, passed as params so that Snakemake reruns what their change touches.

Snakemake follows a script by its modification time only, and does not follow the modules it imports at all. The digest is of what the
code does: comments, docstrings and layout do not count, so that mending a word redoes no genome.
"""

import ast
import functools
import hashlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@functools.cache
def _meaning_and_imports(path: Path) -> tuple[bytes, frozenset[str]]:
    """Return a Python file's syntax tree as text, and the `workflow.*` modules that it imports anywhere in it."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    modules = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            modules.add(node.module)
            modules.update(f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            modules.update(alias.name for alias in node.names)
        elif isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and ast.get_docstring(node) is not None:
            node.body = node.body[1:]
    return ast.dump(tree).encode(), frozenset(name for name in modules if name.startswith("workflow."))


def files_behind(path: Path, root: Path = ROOT) -> list[Path]:
    """Return `path` and every file of the package `workflow` that it imports, directly or not, sorted."""
    seen: set[Path] = set()
    waiting = [path]
    while waiting:
        current = waiting.pop()
        if current in seen:
            continue
        seen.add(current)
        for module in _meaning_and_imports(current)[1]:
            file = root.joinpath(*module.split(".")).with_suffix(".py")
            if file.is_file():
                waiting.append(file)
    return sorted(seen)


@functools.cache
def code_of(script: str, root: Path = ROOT) -> str:
    """Return a digest (16 hex digits) of `scripts/<script>.py` and of all the project's modules it relies on."""
    digest = hashlib.sha256()
    for file in files_behind(root / "scripts" / f"{script}.py", root):
        digest.update(str(file.relative_to(root)).encode() + b"\0" + _meaning_and_imports(file)[0] + b"\0")
    return digest.hexdigest()[:16]


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
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + _meaning_and_imports(ROOT / name)[0] + b"\0")
    return digest.hexdigest()[:16]
