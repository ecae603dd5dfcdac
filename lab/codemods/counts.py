"""An endpoint that counts the todos: GET <collection>/count."""

from __future__ import annotations

from functools import partial

import libcst as cst

from lab.codemods.endpoints import Collection, Endpoint, find_collection, parameter
from lab.codemods.imports import with_import
from lab.codemods.pieces import after, before, find_way, indented, plain
from lab.codemods.project import Changes, Found, Project
from lab.codemods.queries import Query, find_query
from lab.codemods.tables import all_fields, find_model
from lab.codemods.tree import (
    argument,
    code,
    definitions,
    first_name,
    literal,
    new_statement,
    text_of,
)
from lab.model import AlreadyThere

BY_HAND = "Write the endpoint by hand, above the one that gets a todo by its id."


def add_count(project: Project) -> dict[str, cst.Module]:
    """Return the modules with the endpoint.

    Raises AlreadyThere where it exists, EditNotApplicable where the list does not show how
    the todos can be counted.
    """
    model = find_model(project)
    if "completed" not in all_fields(project, model):
        raise project.refuse(f"The model {model} has no column completed.", BY_HAND)
    collection = find_collection(project, model)
    listing = collection.listing
    if any(e.method == "get" and e.url == f"{listing.url}/count" for e in collection.all):
        raise AlreadyThere(
            f"There is an endpoint {listing.url}/count already.", "There is nothing left to add."
        )
    query = find_query(project, listing, model)
    if query.narrowing():
        raise project.refuse(
            f"The list leaves out rows ({code(query.narrowing()[0].func)} in {query.owner}), and "
            "it is not clear whether the count should.",
            BY_HAND,
        )
    return _Counting(project, collection, query).modules()


class _Counting:
    """The pieces of the new endpoint, each in the style of the list of todos."""

    def __init__(self, project: Project, collection: Collection, query: Query) -> None:
        self.project = project
        self.collection = collection
        self.listing = collection.listing
        self.query = query
        self.way = find_way(project, query, BY_HAND)

    def modules(self) -> dict[str, cst.Module]:
        """Return the modules that change."""
        query, listing = self.query, self.listing
        name = self._name(listing.found)
        if query.through is not None and isinstance(query.through.func, cst.Name):
            name = "get_count"  # count_todos is the helper's name, in the same module
        changes: Changes = {}
        head = self._header(listing, name, self._parameters())
        if query.through is None:
            text = f"{head}{indented(self._body())}"
        else:
            helper = self._name(query.owner)
            inner = self._header(query.owner, helper, self._owner_parameters())
            module = self.project.modules[query.owner.path]
            new = new_statement(module, f"{inner}{indented(self._body())}")
            changes[query.owner.node] = partial(after, new=new)
            call = self._call(helper)
            text = f"{head}{indented(f'return {call}')}"
        new = new_statement(self.project.modules[listing.path], f"{self._route()}\n{text}")
        getting = self.collection.getting
        if getting is not None and getting.path == listing.path:
            changes[getting.function] = partial(before, new=new)
        else:
            changes[listing.function] = partial(after, new=new)
        return self._with_imports(self.project.rewrite(changes), query)

    def _with_imports(
        self, rewritten: dict[str, cst.Module], query: Query
    ) -> dict[str, cst.Module]:
        trees = dict(rewritten)
        path = query.owner.path
        if self.way.method != "query" and isinstance(query.root.func, cst.Name):
            source = self.project.source_of(path, query.root.func.value)
            package = "sqlmodel" if source.startswith("sqlmodel") else "sqlalchemy"
            trees[path] = with_import(trees[path], package, "func")
        if query.through is not None and isinstance(query.through.func, cst.Name):
            module = self.project.source_of(self.listing.path, query.through.func.value)
            if module:
                helper = self._name(query.owner)
                trees[self.listing.path] = with_import(trees[self.listing.path], module, helper)
        return trees

    def _name(self, owner: Found[cst.FunctionDef]) -> str:
        verb, _, rest = owner.node.name.value.partition("_")
        wanted = f"count_{rest}" if rest and verb not in ("all",) else "count_todos"
        taken = definitions(self.project.modules[owner.path])
        return wanted if wanted not in taken else f"{wanted}_by_state"

    def _route(self) -> str:
        route = self.listing.route
        path = argument(route, "path", 0)
        if not isinstance(path, cst.SimpleString):
            raise self.project.refuse(
                f"The path of {self.listing} is not written out in its decorator.", BY_HAND
            )
        own = (text_of(path) or "").rstrip("/")
        tags = argument(route, "tags")
        more = f", tags={code(tags)}" if tags is not None else ""
        return f"@{code(route.func)}({literal(f'{own}/count', path)}{more})"

    def _header(self, like: Endpoint | Found[cst.FunctionDef], name: str, params: str) -> str:
        function = like.function if isinstance(like, Endpoint) else like.node
        start = "async def" if function.asynchronous else "def"
        returns = " -> dict[str, int]" if function.returns else ""
        return f"{start} {name}({params}){returns}:\n"

    def _parameters(self) -> str:
        """Return the endpoint's own parameters: those that bring the session."""
        function = self.listing.function
        if self.query.through is None:
            return self._owner_parameters()
        names = {first_name(arg.value) for arg in self._session_arguments()}
        chosen = [parameter(function, cst.Name(name)) for name in sorted(names)]
        if None in chosen:
            raise self.project.refuse(
                f"It cannot be seen where {self.listing} gets its session from.", BY_HAND
            )
        return ", ".join(plain(param) for param in chosen if param is not None)

    def _owner_parameters(self) -> str:
        if self.way.opening is not None:
            return ""
        param = parameter(self.query.owner.node, self.way.session)
        if param is None:
            raise self.project.refuse(
                f"It cannot be seen where {self.query.owner} gets its session from.", BY_HAND
            )
        return plain(param)

    def _session_arguments(self) -> list[cst.Arg]:
        """Return what the endpoint hands to the function that makes the query as its session."""
        if self.query.through is None or self.way.opening is not None:
            return []
        owner = self.query.owner.node
        position = [param.name.value for param in owner.params.params]
        wanted = first_name(self.way.session)
        return [
            arg
            for number, arg in enumerate(self.query.through.args)
            if (arg.keyword and arg.keyword.value == wanted)
            or (arg.keyword is None and position[number : number + 1] == [wanted])
        ]

    def _call(self, helper: str) -> str:
        assert self.query.through is not None
        func = self.query.through.func
        named = f"{code(func.value)}.{helper}" if isinstance(func, cst.Attribute) else helper
        given = ", ".join(
            f"{code(arg.keyword)}={code(arg.value)}" if arg.keyword else code(arg.value)
            for arg in self._session_arguments()
        )
        waits = "await " if self.query.owner.node.asynchronous else ""
        return f"{waits}{named}({given})"

    def _body(self) -> str:
        """Return the lines that count: right on an empty table, as COUNT is never NULL."""
        model, db = code(self.query.model), code(self.way.session)
        done = f"{model}.completed.is_(True)"
        if self.way.method == "query":
            lines = [
                f"total = {db}.query({model}).count()",
                f"completed = {db}.query({model}).filter({done}).count()",
            ]
        else:
            select = self.query.root.func
            func = f"{code(select.value)}.func" if isinstance(select, cst.Attribute) else "func"
            lines = [
                f"count = {code(select)}({func}.count()).select_from({model})",
                f"total = {self._sent('count')}",
                f"completed = {self._sent(f'count.where({done})')}",
            ]
        lines.append(
            'return {"total": total, "completed": completed, "pending": total - completed}'
        )
        if self.way.opening is None:
            return "\n".join(lines)
        return f"{self.way.opening}\n{indented(chr(10).join(lines))}"

    def _sent(self, statement: str) -> str:
        method = "scalars" if self.way.method == "scalar" else self.way.method
        ending = "scalar_one()" if method == "execute" else "one()"
        call = f"{code(self.way.session)}.{method}({statement})"
        return f"(await {call}).{ending}" if self.way.waits else f"{call}.{ending}"
