"""A learner's sources as syntax trees, and what a name in them stands for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Generic, TypeVar

import libcst as cst

from lab.codemods.files import Sources
from lab.codemods.tree import definitions, dotted_name, every, forward_reference, imports, last_name
from lab.model import EditNotApplicable

Node = TypeVar("Node", bound=cst.CSTNode, covariant=True)
Kind = TypeVar("Kind", bound=cst.CSTNode)
New = cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel
Change = Callable[[cst.CSTNode], New]
Changes = dict[cst.CSTNode, Change]  # what becomes of a node, given it with its children changed


@dataclass(frozen=True)
class Found(Generic[Node]):
    """A piece of the learner's code, and the file it stands in."""

    path: str
    node: Node

    def __str__(self) -> str:
        if isinstance(self.node, cst.ClassDef | cst.FunctionDef):
            return f"{self.node.name.value} in {self.path}"
        return self.path


class Project:
    """The sources that belong to the app: the files that it imports, from where it is made."""

    def __init__(self, sources: Sources) -> None:
        self.modules: dict[str, cst.Module] = {}
        self.unreadable: list[str] = []
        for path, content in sources.items():
            try:
                module = cst.parse_module(content)
                self.modules[path] = module
            except (cst.ParserSyntaxError, UnicodeDecodeError, LookupError):
                self.unreadable.append(path)
                continue
            if module.bytes != content:  # what we cannot write back as it was, we do not touch
                del self.modules[path]
                self.unreadable.append(path)
        self.sources = sources
        self._definitions = {path: definitions(tree) for path, tree in self.modules.items()}
        self._imports = {path: imports(tree) for path, tree in self.modules.items()}
        self.modules = {path: self.modules[path] for path in self._reachable()}

    def _reachable(self) -> list[str]:
        waiting = [
            path
            for path, tree in self.modules.items()
            if any(last_name(call.func) == "FastAPI" for call in every(tree, cst.Call))
        ]
        if not waiting:
            return list(self.modules)
        seen: dict[str, None] = {}
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen[path] = None
            for imported in self._imports[path].values():
                whole = ".".join(filter(None, (imported.module, imported.name)))
                for dotted in (imported.module, whole):
                    target = self._file(path, dotted, imported.level)
                    if target is not None:
                        waiting.append(target)
        return [path for path in self._definitions if path in seen]

    def _file(self, path: str, dotted: str, level: int) -> str | None:
        parts = [part for part in dotted.split(".") if part and part != "*"]
        folder = PurePosixPath(path).parent
        roots = [folder, *folder.parents]
        if level:
            roots = roots[level - 1 : level]
        for root in roots:
            base = root.joinpath(*parts)
            for candidate in (base / "__init__.py", base.with_suffix(".py") if parts else None):
                if candidate is not None and str(candidate) in self._definitions:
                    return str(candidate)
        return None

    def every(self, kind: type[Kind]) -> Iterator[Found[Kind]]:
        """Yield every node of this kind in the app, file by file, in reading order."""
        for path, tree in self.modules.items():
            for node in every(tree, kind):
                yield Found(path, node)

    def resolve(
        self, path: str, name: cst.CSTNode, _seen: frozenset[tuple[str, str]] = frozenset()
    ) -> Found[cst.CSTNode] | None:
        """Return what `name`, used in file `path`, stands for, or None where it is not ours."""
        if isinstance(name, cst.Attribute):
            module = self._module(path, name.value)
            return None if module is None else self.resolve(module, name.attr, _seen)
        if isinstance(name, cst.SimpleString | cst.ConcatenatedString):
            reference = forward_reference(name)
            return None if reference is None else self.resolve(path, reference, _seen)
        if not isinstance(name, cst.Name) or (path, name.value) in _seen:
            return None
        seen = _seen | {(path, name.value)}
        if name.value in self._definitions[path]:
            return Found(path, self._definitions[path][name.value])
        named = self._imports[path].get(name.value)
        starred = [item for item in self._imports[path].values() if item.name == "*"]
        for imported in [named] if named else starred:
            target = self._file(path, imported.module, imported.level)
            if target is not None and imported.name is not None:
                wanted = name.value if imported.name == "*" else imported.name
                found = self.resolve(target, cst.Name(wanted), seen)
                if found is not None:
                    return found
        return None

    def _module(self, path: str, expression: cst.BaseExpression) -> str | None:
        dotted = dotted_name(expression)
        imported = self._imports[path].get(dotted) if dotted else None
        if imported is None:
            return None
        whole = ".".join(filter(None, (imported.module, imported.name)))
        return self._file(path, whole, imported.level)

    def resolve_class(self, path: str, name: cst.CSTNode) -> Found[cst.ClassDef] | None:
        """Return the learner's class that `name` stands for, or None."""
        found = self.resolve(path, name)
        if found is None or not isinstance(found.node, cst.ClassDef):
            return None
        return Found(found.path, found.node)

    def original_name(self, path: str, name: cst.CSTNode) -> str:
        """Return the last part of a name as its own library calls it, or "" for no name."""
        if isinstance(name, cst.Name):
            imported = self._imports[path].get(name.value)
            return imported.name if imported and imported.name else name.value
        return last_name(name)

    def source_of(self, path: str, name: str) -> str:
        """Return the module that a name is imported from, as the import says it, or ""."""
        imported = self._imports[path].get(name)
        return "." * imported.level + imported.module if imported else ""

    def ancestry(self, found: Found[cst.ClassDef]) -> list[Found[cst.ClassDef]]:
        """Return the class and those of its base classes that are the learner's own."""
        line = [found]
        for item in line:
            for base in item.node.bases:
                parent = self.resolve_class(item.path, base.value)
                if parent is not None and parent not in line:
                    line.append(parent)
        return line

    def library_bases(self, found: Found[cst.ClassDef]) -> set[str]:
        """Return the names of the base classes that come from libraries."""
        return {
            self.original_name(item.path, base.value)
            for item in self.ancestry(found)
            for base in item.node.bases
            if self.resolve_class(item.path, base.value) is None
        }

    def rewrite(self, changes: Changes) -> dict[str, cst.Module]:
        """Return the trees in which `changes` has replaced something."""
        rewritten = {}
        for path, tree in self.modules.items():
            new = cst.ensure_type(replaced(tree, changes), cst.Module)
            if new.bytes != tree.bytes:
                rewritten[path] = new
        return rewritten

    def refuse(self, message: str, remedy: str) -> EditNotApplicable:
        """Return the error to raise; it names the files that could not be read, if any."""
        if self.unreadable:
            names = ", ".join(self.unreadable)
            message = f"{message} (Python cannot read {names}, so it was left out.)"
        return EditNotApplicable(message, remedy)


class _Rewriter(cst.CSTTransformer):
    def __init__(self, changes: Changes) -> None:
        super().__init__()
        self._changes = changes

    def on_leave(  # type: ignore[override]
        self, original_node: cst.CSTNode, updated_node: cst.CSTNode
    ) -> New:
        change = self._changes.get(original_node)
        return updated_node if change is None else change(updated_node)


def replaced(tree: cst.CSTNode, changes: Changes) -> cst.CSTNode:
    """Return the tree with every node in `changes` replaced."""
    new = tree.visit(_Rewriter(changes))
    assert isinstance(new, cst.CSTNode)  # only what is below the tree may vanish or multiply
    return new
