"""ReadUrl: the app takes the place of its database from the environment."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from lab.codemods.engines import (
    DEEP,
    engine_call,
    environment,
    find_engine,
    without_options,
)
from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Changes, Project
from lab.codemods.tree import argument, code, text_of
from lab.model import AlreadyThere

VARIABLE = "DATABASE_URL"
BY_HAND = f'By hand: create_engine(os.environ["{VARIABLE}"]), and no connect_args of SQLite.'


@dataclass(frozen=True)
class ReadUrl:
    """The engine takes its URL from DATABASE_URL, and no option that SQLite alone knows."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the files with the engine and its URL."""
        call = engine_call(project, BY_HAND)
        changes: Changes = {}
        options = argument(call.node, "connect_args")
        if options is not None and _only_threads(project, call.path, options):
            changes[call.node] = partial(without_options, names=("connect_args",))
        if any(text_of(found.node) == VARIABLE for found in project.every(cst.SimpleString)):
            if not changes:
                raise AlreadyThere(
                    f"The engine in {call.path} takes its URL from {VARIABLE} already."
                )
            return project.rewrite(changes)
        url = find_engine(project, BY_HAND).url
        named, needed = environment(project, url.path)
        text = f"{named}.get({url.quote}{VARIABLE}{url.quote}, {code(url.node)})"
        changes[url.node] = lambda node: cst.parse_expression(text)
        return project.rewrite(changes, *needed)


def _only_threads(project: Project, path: str, options: cst.CSTNode) -> bool:
    """Return whether the options are {"check_same_thread": ...} alone, also through names."""
    for _ in range(DEEP):
        if isinstance(options, cst.Dict):
            keys = [text_of(e.key) for e in options.elements if isinstance(e, cst.DictElement)]
            return keys == ["check_same_thread"]
        meant = project.resolve(path, options)
        if meant is None:
            return False
        path, options = meant.path, meant.node
    return False
