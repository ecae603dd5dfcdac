"""PlaceDatabase: in memory, or in a file that is looked for from somewhere else."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Literal

from lab.codemods.engines import (
    TODOS_DATA,
    Engine,
    Url,
    environment,
    find_engine,
    no_file,
    with_options,
)
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import argument, code, every, text_of, with_item
from lab.model import AlreadyThere

Place = Literal["memory", "current folder", "app's folder", "volume"]
BY_HAND: dict[Place, str] = {
    "memory": "Put create_engine('sqlite://', poolclass=StaticPool, "
    "connect_args={'check_same_thread': False}) in its place by hand.",
    "current folder": "Write the URL as sqlite:///./todos.db by hand.",
    "app's folder": "By hand: work the URL out from Path(__file__).resolve().parent.",
    "volume": f"By hand: work the URL out from os.environ['{TODOS_DATA}'], where that is set.",
}
THREADS = 'connect_args={"check_same_thread": False}'
POOL_OPTIONS = ("poolclass", "pool_size", "max_overflow", "pool_timeout", "pool_recycle")


@dataclass(frozen=True)
class PlaceDatabase:
    """The engine keeps the todos in this place."""

    place: Place

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files with the engine and its URL."""
        place = self.place
        engine = find_engine(project, BY_HAND[place])
        url = engine.url
        if place == "memory":
            if url.in_memory:
                raise AlreadyThere(
                    f"The engine in {engine.found.path} keeps the todos in memory already."
                )
            return _in_memory(project, engine)
        if url.in_memory:
            raise no_file(engine)
        is_there = {
            "current folder": not (url.anchored or url.on_volume),
            "app's folder": url.anchored,
            "volume": url.on_volume,
        }
        if is_there[place]:
            raise AlreadyThere(f"The database is looked for in the {place} already.")
        if place == "current folder":
            new_url = _new_url(url, f'"{url.scheme}:///./{_file_name(url)}"')
            return project.rewrite(new_url)
        environ, needed = environment(project, url.path) if place == "volume" else ("", [])
        file = _on_volume(project, url, environ) if environ else _relative_to_module(project, url)
        text = f"f{url.quote}{url.scheme}:///{{{file}}}{url.quote}"
        return project.rewrite(_new_url(url, text), (url.path, "pathlib", "Path"), *needed)


def _new_url(url: Url, text: str) -> Changes:
    return {url.node: lambda node: cst.parse_expression(text)}


def _file_name(url: Url) -> str:
    """Return the name of the database file, as far as the URL shows it."""
    if isinstance(url.node, cst.SimpleString):
        return PurePosixPath(url.rest).name
    last = cst.ensure_type(url.node, cst.FormattedString).parts[-1]
    texts = [text_of(item) or "" for item in every(url.node, cst.SimpleString)]
    if isinstance(last, cst.FormattedStringText):  # what stands behind the last brace
        texts.append(last.value)
    names = [name for text in texts if (name := PurePosixPath(text).name)]
    return names[-1] if names else "todos.db"


def _relative_to_module(project: Project, url: Url) -> str:
    """Return the file where it is for a start in the learner's folder, as an expression.

    The folder is worked out from `__file__`, so that it is the same wherever the start is made.
    """
    up = len(PurePosixPath(url.path).parts) - 1
    if isinstance(url.node, cst.SimpleString):
        last = _quoted(url, url.rest.removeprefix("/").removeprefix("./"))
    else:
        last = _expression(project, url, BY_HAND["app's folder"])
    return f"Path(__file__).resolve().parents[{up}] / {last}"


def _on_volume(project: Project, url: Url, environ: str) -> str:
    """Return the file on the volume, where one is named, else where it is, as an expression."""
    variable, name = _quoted(url, TODOS_DATA), _quoted(url, _file_name(url))
    if isinstance(url.node, cst.SimpleString):
        folder = _quoted(url, str(PurePosixPath(url.rest.removeprefix("/")).parent))
        return f"Path({environ}.get({variable}, {folder}), {name})"
    now = _expression(project, url, BY_HAND["volume"])
    return f"(Path({environ}[{variable}], {name}) if {variable} in {environ} else {now})"


def _quoted(url: Url, text: str) -> str:
    """Return a text as it can stand in braces in the string of the URL."""
    inner = '"' if "'" in url.quote else "'"
    return f"{inner}{text}{inner}"


def _expression(project: Project, url: Url, by_hand: str) -> str:
    """Return the expression that is the whole path in a URL. Raises EditNotApplicable."""
    parts = cst.ensure_type(url.node, cst.FormattedString).parts
    expression = parts[1] if len(parts) == 2 and url.rest in ("/", "/./") else None
    if isinstance(expression, cst.FormattedStringExpression):
        found = code(expression.expression)
        if url.quote not in found:
            return found
    raise project.refuse(f"The URL {code(url.node)} is not understood.", by_hand)


def _in_memory(project: Project, engine: Engine) -> dict[str, bytes]:
    url, call = engine.url, engine.call
    changes = _new_url(url, f"{url.quote}{url.scheme}://{url.quote}")
    if engine.waits:  # aiosqlite keeps one connection for a database in memory by itself
        return project.rewrite(changes)
    options = [name for name in POOL_OPTIONS if argument(call, name) is not None]
    connecting = argument(call, "connect_args")
    if options or (connecting is not None and not isinstance(connecting, cst.Dict)):
        named = ", ".join(options) or "connect_args"
        raise project.refuse(f"The engine has options of its own: {named}.", BY_HAND["memory"])
    if isinstance(connecting, cst.Dict):
        changes[connecting] = _with_threads
    new = ["poolclass=StaticPool", *([THREADS] if connecting is None else [])]
    changes[call] = partial(with_options, options=new)
    return project.rewrite(changes, (engine.found.path, "sqlalchemy.pool", "StaticPool"))


def _with_threads(node: cst.CSTNode) -> cst.CSTNode:
    given = cst.ensure_type(node, cst.Dict)
    keys = [text_of(item.key) for item in given.elements if isinstance(item, cst.DictElement)]
    if "check_same_thread" in keys:
        return given
    new = cst.DictElement(cst.SimpleString('"check_same_thread"'), cst.Name("False"))
    opening = given.lbrace.whitespace_after
    return given.with_changes(elements=with_item(given.elements, len(given.elements), new, opening))
