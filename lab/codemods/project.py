"""A learner's app as syntax trees, read once and asked by every edit: what does a name mean?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from pathlib import PurePosixPath
from typing import Any, Generic, TypeAlias, TypeVar, cast

from lab.child.app_files import MODULE_NAMES
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.sources import Sources, UnreadableSource, must_be_shallow, python_tree
from lab.codemods.tree import (
    definitions,
    dotted_name,
    every,
    forward_reference,
    imports,
    last_name,
)
from lab.model import EditNotApplicable

Node = TypeVar("Node", bound="cst.CSTNode", covariant=True)
Kind = TypeVar("Kind", bound="cst.CSTNode")
Result = TypeVar("Result")
New: TypeAlias = "cst.CSTNode | cst.FlattenSentinel[cst.CSTNode] | cst.RemovalSentinel"
Change: TypeAlias = "Callable[[cst.CSTNode], New]"
# What becomes of a node, given it with its children changed.
Changes: TypeAlias = "dict[cst.CSTNode, Change]"


@dataclass(frozen=True)
class Found(Generic[Node]):
    """A piece of the learner's code, and the file it stands in."""

    path: str
    node: Node

    def __str__(self) -> str:
        if isinstance(self.node, cst.ClassDef | cst.FunctionDef):
            return f"{self.node.name.value} in {self.path}"
        return self.path


class Parsed:
    """A file as a syntax tree, and what is known of it."""

    def __init__(self, content: bytes, path: str) -> None:
        """Parse the file.

        Raises UnreadableSource where that cannot be done, or would not end.
        """
        must_be_shallow(python_tree(content, path))
        try:
            self.module = cst.parse_module(content)
            same = self.module.bytes == content
        except cst.ParserSyntaxError as error:
            raise UnreadableSource(error.raw_line, "the lab cannot read it") from error
        except (SyntaxError, UnicodeDecodeError) as error:  # in a comment, Python's own parser
            raise UnreadableSource(1, "it is not in UTF-8") from error  # reads any byte
        except RecursionError as error:
            raise UnreadableSource(1, "it is nested too deep for the lab") from error
        if not same:
            raise UnreadableSource(1, "the lab could not write it back as it is")
        self.definitions = definitions(self.module)
        self.imports = imports(self.module)
        self._by_kind: dict[type[cst.CSTNode], list[Any]] = {}

    def every(self, kind: type[Kind]) -> list[Kind]:
        """Return every node of this kind, in reading order."""
        if kind not in self._by_kind:
            self._by_kind[kind] = every(self.module, kind)
        return self._by_kind[kind]


class Project(Mapping[str, bytes]):
    """The sources of an app by their paths, and on demand what is known of them.

    Trees are made of the files that belong to the app: those that it imports, from where it is
    made. A file that cannot be read is left out.
    """

    def __init__(self, sources: Sources, parsed: Mapping[str, Parsed] | None = None) -> None:
        self._sources = dict(sources)
        self._known = dict(parsed or {})
        self._found: dict[object, Any] = {}  # what found_once() has found

    def __getitem__(self, path: str) -> bytes:
        return self._sources[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._sources)

    def __len__(self) -> int:
        return len(self._sources)

    def changed(self, files: Mapping[str, bytes]) -> Project:
        """Return the project with these files changed; what is known of the others is kept."""
        kept = {path: parsed for path, parsed in self._known.items() if path not in files}
        return Project({**self._sources, **files}, kept)

    @cached_property
    def unreadable(self) -> dict[str, UnreadableSource]:
        """The files that are left out, and why."""
        found = {}
        for path, content in self._sources.items():
            if path not in self._known:
                try:
                    self._known[path] = Parsed(content, path)
                except UnreadableSource as error:
                    found[path] = error
        return found

    @cached_property
    def _files(self) -> dict[str, Parsed]:
        """Every file that can be read, in the order of the sources."""
        return {path: self._known[path] for path in self._sources if path not in self.unreadable}

    @cached_property
    def modules(self) -> dict[str, cst.Module]:
        """The trees of the app's own files.

        What makes an app beside one of a usual name, and is not imported by it, is another's.
        """
        making = [
            PurePosixPath(path)
            for path, file in self._files.items()
            if any(last_name(call.func) == "FastAPI" for call in file.every(cst.Call))
        ]
        usual = {
            path.parent: path
            for name in reversed(MODULE_NAMES)  # the likeliest one comes last, and stays
            for path in making
            if path.stem == name
        }
        apps = [str(path) for path in making if usual.get(path.parent, path) == path]
        waiting = apps or list(self._files)
        seen: set[str] = set()
        while waiting:
            path = waiting.pop()
            if path in seen:
                continue
            seen.add(path)
            for imported in self._files[path].imports.values():
                whole = ".".join(filter(None, (imported.module, imported.name)))
                for dotted in (imported.module, whole):
                    target = self._file(path, dotted, imported.level)
                    if target is not None:
                        waiting.append(target)
        return {path: file.module for path, file in self._files.items() if path in seen}

    def _file(self, path: str, dotted: str, level: int) -> str | None:
        parts = [part for part in dotted.split(".") if part and part != "*"]
        folder = PurePosixPath(path).parent
        roots = [folder, *folder.parents]
        if level:
            roots = roots[level - 1 : level]
        for root in roots:
            base = root.joinpath(*parts)
            for candidate in (base / "__init__.py", base.with_suffix(".py") if parts else None):
                if candidate is not None and str(candidate) in self._files:
                    return str(candidate)
        return None

    def every(self, kind: type[Kind]) -> Iterator[Found[Kind]]:
        """Yield every node of this kind in the app, file by file, in reading order."""
        for path in self.modules:
            for node in self._files[path].every(kind):
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
        if name.value in self._files[path].definitions:
            return Found(path, self._files[path].definitions[name.value])
        named = self._files[path].imports.get(name.value)
        starred = [item for item in self._files[path].imports.values() if item.name == "*"]
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
        imported = self._files[path].imports.get(dotted) if dotted else None
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
            imported = self._files[path].imports.get(name.value)
            return imported.name if imported and imported.name else name.value
        return last_name(name)

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

    def rewrite(self, changes: Changes, *imports: tuple[str, str, str]) -> dict[str, bytes]:
        """Return the files in which `changes` has replaced something, in the form that they had.

        `imports` are what the new code needs: a file, a module, and a name of that. Raises
        EditNotApplicable where the name stands for something else there.
        """
        rewritten = {}
        for path, tree in self.modules.items():
            try:
                new = cst.ensure_type(replaced(tree, changes), cst.Module)
            except RecursionError as error:  # of strings, one behind another
                raise EditNotApplicable(
                    f"The code in {path} is nested too deep for the lab.",
                    "Make the change by hand there, or take that part apart.",
                ) from error
            for _, module, name in filter(lambda needed: needed[0] == path, imports):
                new = with_import(new, module, name)
            if new.bytes != tree.bytes:
                rewritten[path] = new.bytes
        return rewritten

    def refuse(self, message: str, remedy: str) -> EditNotApplicable:
        """Return the error to raise; it names the files that are left out, if any."""
        for path, why in self.unreadable.items():
            message += f" ({path} was left out, line {why.line}: {why.reason}.)"
        return EditNotApplicable(message, remedy)


def found_once(find: Callable[[Project], Result]) -> Callable[[Project], Result]:
    """Let a function look only once into the same project."""

    @wraps(find)
    def look(project: Project) -> Result:
        if find not in project._found:
            project._found[find] = find(project)
        return cast("Result", project._found[find])

    return look


def replaced(tree: cst.CSTNode, changes: Changes) -> cst.CSTNode:
    """Return the tree with every node in `changes` replaced."""

    class Rewriter(cst.CSTTransformer):
        def on_leave(  # type: ignore[override]
            self, original_node: cst.CSTNode, updated_node: cst.CSTNode
        ) -> New:
            change = changes.get(original_node)
            return updated_node if change is None else change(updated_node)

    new = tree.visit(Rewriter())
    assert isinstance(new, cst.CSTNode)  # only what is below the tree may vanish or multiply
    return new
