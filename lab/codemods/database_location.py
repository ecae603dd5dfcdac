"""Where the engine keeps the todos: in memory, in a file, from anywhere; and its journal."""

from __future__ import annotations

import re
from functools import partial
from typing import Literal

from lab.codemods.engines import (
    FILE,
    Engine,
    Url,
    file_name,
    find_engine,
    no_file,
    relative_to_module,
    statement_of,
)
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import argument, code, every, last_name, new_statement, text_of, with_item
from lab.model import AlreadyThere

Place = Literal["memory", "file", "current folder", "app's folder"]
Mode = Literal["WAL", "DELETE"]

HAND = {
    "memory": "Put create_engine('sqlite://', poolclass=StaticPool, "
    "connect_args={'check_same_thread': False}) in its place by hand.",
    "file": "By hand: let the todos go through a session into a file, such as "
    "create_engine('sqlite:///./todos.db'), and not into a list or into memory.",
    "current folder": "Write the URL as sqlite:///./todos.db by hand.",
    "app's folder": "By hand: work the URL out from Path(__file__).resolve().parent.",
}
PRAGMA = re.compile(r"(PRAGMA\s+journal_mode\s*=\s*)(\w+)", re.IGNORECASE)
BY_PRAGMA = "By hand: run PRAGMA journal_mode={} on each new connection, in a connect event."
THREADS = 'connect_args={"check_same_thread": False}'
POOL_OPTIONS = ("poolclass", "pool_size", "max_overflow", "pool_timeout", "pool_recycle")


def place_database(project: Project, place: Place) -> dict[str, cst.Module]:
    """Return the modules with the engine's database in another place.

    Raises AlreadyThere where it is there, EditNotApplicable where the engine is not understood.
    """
    engine = find_engine(project, HAND[place])
    url = engine.url
    if url.in_memory == (place == "memory") and place in ("memory", "file"):
        raise AlreadyThere(
            f"The engine in {engine.found.path} keeps the todos in {place} already.",
            "There is nothing left to change.",
        )
    if place == "memory":
        return _in_memory(project, engine)
    if place == "file":
        return _in_file(project, engine)
    if url.in_memory:
        raise no_file(engine)
    if url.anchored == (place == "app's folder"):
        raise AlreadyThere(
            f"The database is looked for in the {place} already.",
            "There is nothing left to change.",
        )
    if place == "current folder":
        return project.rewrite(_new_url(url, f'"{url.scheme}:///./{file_name(url)}"'))
    text = relative_to_module(project, url, HAND[place])
    tree = project.rewrite(_new_url(url, text))[url.path]
    return {url.path: with_import(tree, "pathlib", "Path")}


def _new_url(url: Url, text: str) -> Changes:
    return {url.node: lambda node: cst.parse_expression(text)}


def _in_memory(project: Project, engine: Engine) -> dict[str, cst.Module]:
    url, call = engine.url, engine.call
    changes = _new_url(url, f"{url.quote}{url.scheme}://{url.quote}")
    if engine.waits:  # aiosqlite keeps one connection for a database in memory by itself
        return project.rewrite(changes)
    options = [name for name in POOL_OPTIONS if argument(call, name) is not None]
    connecting = argument(call, "connect_args")
    if options or (connecting is not None and not isinstance(connecting, cst.Dict)):
        named = ", ".join(options) or "connect_args"
        raise project.refuse(f"The engine has options of its own: {named}.", HAND["memory"])
    if isinstance(connecting, cst.Dict):
        changes[connecting] = _with_threads
    new = ["poolclass=StaticPool"]
    if connecting is None:
        new.append(THREADS)
    changes[call] = partial(_with_options, options=new)
    rewritten = project.rewrite(changes)
    path = engine.found.path
    return rewritten | {path: with_import(rewritten[path], "sqlalchemy.pool", "StaticPool")}


def _with_options(node: cst.CSTNode, options: list[str]) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    for option in options:
        parsed = cst.ensure_type(cst.parse_expression(f"f({option})"), cst.Call)
        args = with_item(call.args, len(call.args), parsed.args[0], call.whitespace_before_args)
        call = call.with_changes(args=args)
    return call


def _with_threads(node: cst.CSTNode) -> cst.CSTNode:
    given = cst.ensure_type(node, cst.Dict)
    keys = [text_of(item.key) for item in given.elements if isinstance(item, cst.DictElement)]
    if "check_same_thread" in keys:
        return given
    new = cst.DictElement(cst.SimpleString('"check_same_thread"'), cst.Name("False"))
    opening = given.lbrace.whitespace_after
    return given.with_changes(elements=with_item(given.elements, len(given.elements), new, opening))


def _in_file(project: Project, engine: Engine) -> dict[str, cst.Module]:
    url, call, path = engine.url, engine.call, engine.found.path
    changes = _new_url(url, f"{url.quote}{url.scheme}:///{FILE}{url.quote}")
    pool = next((a for a in call.args if a.keyword and a.keyword.value == "poolclass"), None)
    if pool is not None and last_name(pool.value) in ("StaticPool", "SingletonThreadPool"):
        changes[call] = _without_pool
    rewritten = project.rewrite(changes)
    if pool is not None and isinstance(pool.value, cst.Name) and path in rewritten:
        rewritten[path] = _without_import(rewritten[path], pool.value.value)
    return rewritten


def _without_pool(node: cst.CSTNode) -> cst.CSTNode:
    """Return the call without its pool, and without the THREADS that came with it."""
    call = cst.ensure_type(node, cst.Call)
    names = [arg.keyword.value if arg.keyword else "" for arg in call.args]
    gone = names.index("poolclass")
    behind = [code(arg.with_changes(comma=cst.MaybeSentinel.DEFAULT)) for arg in call.args]
    until = gone + 2 if behind[gone + 1 : gone + 2] == [THREADS] else gone + 1
    kept = [*call.args[:gone], *call.args[until:]]
    if kept and call.args[-1] not in kept:
        last = call.args[-1]
        kept[-1] = kept[-1].with_changes(
            comma=last.comma, whitespace_after_arg=last.whitespace_after_arg
        )
    return call.with_changes(args=kept)


def _without_import(tree: cst.Module, name: str) -> cst.Module:
    """Return the module without the line that imports this name alone, if nothing uses it."""
    if sum(item.value == name for item in every(tree, cst.Name)) > 1:
        return tree
    for line in tree.body:
        small = line.body[0] if isinstance(line, cst.SimpleStatementLine) else None
        if not isinstance(small, cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
            continue
        if [last_name(alias.name) for alias in small.names] == [name]:
            return tree.with_changes(body=[item for item in tree.body if item is not line])
    return tree


def set_journal(project: Project, mode: Mode) -> dict[str, cst.Module]:
    """Return the modules in which each new connection sets this journal mode.

    Raises AlreadyThere where it does, EditNotApplicable where the engine is not understood.
    """
    changes: Changes = {}
    there = False
    for found in project.every(cst.SimpleString):
        match = PRAGMA.search(found.node.raw_value)
        if match and match[2].upper() == mode:
            there = True
        elif match:
            text = PRAGMA.sub(rf"\g<1>{mode}", found.node.value)
            changes[found.node] = partial(_with_value, value=text)
    if changes:
        return project.rewrite(changes)
    if there:
        raise AlreadyThere(
            f"Each connection sets journal_mode={mode} already.", "There is nothing left to change."
        )
    return _listening(project, mode)


def _with_value(node: cst.CSTNode, value: str) -> cst.CSTNode:
    return cst.ensure_type(node, cst.SimpleString).with_changes(value=value)


def _listening(project: Project, mode: Mode) -> dict[str, cst.Module]:
    """Return the engine's module with a listener below the engine."""
    by_hand = BY_PRAGMA.format(mode)
    engine = find_engine(project, by_hand)
    if engine.url.in_memory:
        raise no_file(engine)
    path = engine.found.path
    line = statement_of(project, engine.found)
    if engine.name is None or line is None:
        raise project.refuse(f"The engine in {path} has no name at the top level.", by_hand)
    module = project.modules[path]
    target = f"{engine.name}.sync_engine" if engine.waits else engine.name
    text = (
        f'@event.listens_for({target}, "connect")\n'
        "def set_journal_mode(connection, record):\n"
        "    cursor = connection.cursor()\n"
        f'    cursor.execute("PRAGMA journal_mode={mode}")\n'
        "    cursor.close()\n"
    )
    gap = [cst.EmptyLine(indent=False)] * 2
    body: list[cst.CSTNode] = []
    for item in module.body:
        if body and body[-1] is line:
            body.append(new_statement(module, text).with_changes(leading_lines=gap))
            own = [above for above in getattr(item, "leading_lines", ()) if above.comment]
            item = item.with_changes(leading_lines=[*gap, *own])
        body.append(item)
    if body[-1] is line:
        body.append(new_statement(module, text).with_changes(leading_lines=gap))
    tree = module.with_changes(body=body)
    return {path: with_import(tree, "sqlalchemy", "event")}
