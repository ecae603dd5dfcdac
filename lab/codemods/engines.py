"""The engine: which call makes it, where its URL is written, and where that URL leads."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TypeAlias

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tree import argument, every, imports, text_of, with_item
from lab.model import EditNotApplicable

MAKERS = frozenset({"create_engine", "create_async_engine"})
TODOS_DATA = "TODOS_DATA"  # the variable that tells an app of the folder that stays
DEEP = 3  # how many names may stand between the call and the URL

Written: TypeAlias = "cst.SimpleString | cst.FormattedString"


@dataclass(frozen=True)
class Url:
    """A URL of SQLite as it is written, a plain string or one with braces."""

    path: str  # the file of the learner's that it stands in
    node: Written
    scheme: str  # "sqlite", or with a driver: "sqlite+aiosqlite"
    rest: str  # what follows "://" up to the first brace
    anchored: bool  # the place is worked out from __file__, or written as an absolute path
    on_volume: bool  # the place is worked out from the variable that names the volume

    @property
    def in_memory(self) -> bool:
        return isinstance(self.node, cst.SimpleString) and self.rest in ("", "/:memory:", "/")

    @property
    def quote(self) -> str:
        return self.node.quote if isinstance(self.node, cst.SimpleString) else self.node.end


@dataclass(frozen=True)
class Engine:
    """The call that makes the engine, and its URL."""

    found: Found[cst.Call]
    url: Url
    waits: bool  # asynchronous

    @property
    def call(self) -> cst.Call:
        return self.found.node


def engine_call(project: Project, by_hand: str) -> Found[cst.Call]:
    """Return the one call that makes an engine. Raises EditNotApplicable where there is not one."""
    calls = [
        found
        for found in project.every(cst.Call)
        if project.original_name(found.path, found.node.func) in MAKERS
    ]
    if len(calls) != 1:
        count = "No call" if not calls else "More than one call"
        raise project.refuse(f"{count} of create_engine() was found.", by_hand)
    return calls[0]


def find_engine(project: Project, by_hand: str) -> Engine:
    """Return the app's engine on SQLite. Raises EditNotApplicable where it is not understood."""
    found = engine_call(project, by_hand)
    given = argument(found.node, "url", 0)
    urls = _urls(project, found.path, given, DEEP) if given is not None else []
    if len(urls) != 1:
        raise project.refuse(f"The URL of the engine in {found.path} is not understood.", by_hand)
    waits = project.original_name(found.path, found.node.func) == "create_async_engine"
    return Engine(found, urls[0], waits)


def _urls(project: Project, path: str, given: cst.CSTNode, deep: int) -> list[Url]:
    """Return the URLs of SQLite that an expression is made from, also those behind a name."""
    if every(given, cst.ConcatenatedString):
        return []
    strings: list[Written] = [
        *every(given, cst.SimpleString),
        *every(given, cst.FormattedString),
    ]
    found = [url for node in strings if (url := _url(project, path, node))]
    for name in [*every(given, cst.Name), *every(given, cst.Attribute)] if deep else []:
        meant = project.resolve(path, name)
        if meant is not None and not isinstance(meant.node, cst.ClassDef | cst.FunctionDef):
            found += _urls(project, meant.path, meant.node, deep - 1)
    return list({id(url.node): url for url in found}.values())


def _url(project: Project, path: str, node: Written) -> Url | None:
    text = text_of(node)
    if isinstance(node, cst.FormattedString) and node.parts:
        first = node.parts[0]
        text = first.value if isinstance(first, cst.FormattedStringText) else None
    scheme, separator, rest = (text or "").partition("://")
    if not separator or scheme.partition("+")[0] != "sqlite":
        return None
    anchored = rest.startswith("//") or _uses(project, path, node, "__file__", DEEP)
    return Url(path, node, scheme, rest, anchored, _uses(project, path, node, TODOS_DATA, DEEP))


def _uses(project: Project, path: str, node: cst.CSTNode, word: str, deep: int) -> bool:
    """Return whether a name or a text is in what an expression is worked out from."""
    if any(text_of(text) == word for text in every(node, cst.SimpleString)):
        return True
    for name in every(node, cst.Name):
        if name.value == word:
            return True
        meant = project.resolve(path, name) if deep else None
        if meant is not None and _uses(project, meant.path, meant.node, word, deep - 1):
            return True
    return False


def environment(project: Project, path: str) -> tuple[str, list[tuple[str, str, str]]]:
    """Return what a file calls the environment, and the import that it needs for that, if any."""
    if "os" in imports(project.modules[path]):
        return "os.environ", []
    return "environ", [(path, "os", "environ")]


def no_file(engine: Engine) -> EditNotApplicable:
    """Return the error for an app that has no database file to begin with."""
    return EditNotApplicable(
        f"The engine in {engine.found.path} keeps the todos in memory: it has no file.",
        "Give it a file first, such as sqlite:///./todos.db.",
    )


def with_options(node: cst.CSTNode, options: Collection[str]) -> cst.Call:
    """Return the call with these options more, set out as its others are."""
    call = cst.ensure_type(node, cst.Call)
    for option in options:
        new = cst.ensure_type(cst.parse_expression(f"f({option})"), cst.Call).args[0]
        args = with_item(call.args, len(call.args), new, call.whitespace_before_args)
        call = call.with_changes(args=args)
    return call


def without_options(node: cst.CSTNode, names: Collection[str]) -> cst.Call:
    """Return the call without these options, set out as it was."""
    call = cst.ensure_type(node, cst.Call)
    kept = [arg for arg in call.args if arg.keyword is None or arg.keyword.value not in names]
    last = call.args[-1]
    if kept and last not in kept:
        kept[-1] = kept[-1].with_changes(
            comma=last.comma, whitespace_after_arg=last.whitespace_after_arg
        )
    return call.with_changes(args=kept)
