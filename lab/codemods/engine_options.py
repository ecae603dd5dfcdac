"""How the engine reaches its database: by a URL from the environment, by tested connections."""

from __future__ import annotations

from functools import partial

from lab.codemods.engines import DEEP, engine_call, find_engine
from lab.codemods.imports import with_import
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import argument, code, imports, text_of, with_item
from lab.model import AlreadyThere

VARIABLE = "DATABASE_URL"
BY_HAND = f'By hand: create_engine(os.environ["{VARIABLE}"]), and no connect_args of SQLite.'
PING_BY_HAND = "By hand: create_engine(..., pool_pre_ping=True)."
THREADS = "check_same_thread"


def read_url(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the engine takes its URL from the environment.

    Options that SQLite alone knows go. Raises AlreadyThere, EditNotApplicable.
    """
    call = engine_call(project, BY_HAND)
    changes: Changes = {}
    options = argument(call.node, "connect_args")
    if options is not None and _only_threads(project, call.path, options):
        changes[call.node] = partial(_without, name="connect_args")
    if _reads(project):
        if not changes:
            raise AlreadyThere(
                f"The engine in {call.path} takes its URL from {VARIABLE} already.",
                "There is nothing left to change.",
            )
        return project.rewrite(changes)
    url = find_engine(project, BY_HAND).url
    named = "os.environ" if "os" in imports(project.modules[url.path]) else "environ"
    text = f"{named}.get({url.quote}{VARIABLE}{url.quote}, {code(url.node)})"
    changes[url.node] = lambda node: cst.parse_expression(text)
    rewritten = project.rewrite(changes)
    if named == "environ":
        rewritten[url.path] = with_import(rewritten[url.path], "os", "environ")
    return rewritten


def ping(project: Project, on: bool) -> dict[str, cst.Module]:
    """Return the modules in which the pool tests each connection before it is lent, or does not.

    Raises AlreadyThere, EditNotApplicable.
    """
    call = engine_call(project, PING_BY_HAND)
    given = argument(call.node, "pool_pre_ping")
    if (given is not None and code(given) == "True") == on:
        raise AlreadyThere(
            f"The pool of the engine in {call.path} tests its connections already."
            if on
            else f"The pool of the engine in {call.path} tests no connection anyway.",
            "There is nothing left to change.",
        )
    change = partial(_without, name="pool_pre_ping")
    return project.rewrite({call.node: _with_ping if on else change})


def _reads(project: Project) -> bool:
    return any(text_of(found.node) == VARIABLE for found in project.every(cst.SimpleString))


def _only_threads(project: Project, path: str, options: cst.CSTNode) -> bool:
    for _ in range(DEEP):
        if isinstance(options, cst.Dict):
            keys = [text_of(e.key) for e in options.elements if isinstance(e, cst.DictElement)]
            return keys == [THREADS]
        meant = project.resolve(path, options)
        if meant is None:
            return False
        path, options = meant.path, meant.node
    return False


def _with_ping(node: cst.CSTNode) -> cst.CSTNode:
    call = cst.ensure_type(node, cst.Call)
    new = cst.ensure_type(cst.parse_expression("f(pool_pre_ping=True)"), cst.Call).args[0]
    for index, arg in enumerate(call.args):
        if arg.keyword is not None and arg.keyword.value == "pool_pre_ping":
            args = [*call.args]
            args[index] = arg.with_changes(value=cst.Name("True"))
            return call.with_changes(args=args)
    return call.with_changes(
        args=with_item(call.args, len(call.args), new, call.whitespace_before_args)
    )


def _without(node: cst.CSTNode, name: str) -> cst.CSTNode:
    """Return the call without an option, set out as it was."""
    call = cst.ensure_type(node, cst.Call)
    kept = [arg for arg in call.args if arg.keyword is None or arg.keyword.value != name]
    last = call.args[-1]
    if kept and last not in kept:
        kept[-1] = kept[-1].with_changes(
            comma=last.comma, whitespace_after_arg=last.whitespace_after_arg
        )
    return call.with_changes(args=kept)
