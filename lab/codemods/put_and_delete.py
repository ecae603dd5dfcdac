"""PUT and DELETE of one todo: taken out of the learner's code, and written into it."""

from __future__ import annotations

from collections.abc import Iterator

import libcst as cst

from lab.codemods.endpoints import Collection, Endpoint, classes_in, find_collection, parameter
from lab.codemods.imports import with_import
from lab.codemods.pieces import Way, after, find_way, indented, plain
from lab.codemods.project import Changes, Found, Project
from lab.codemods.queries import Query, find_query
from lab.codemods.tables import find_model
from lab.codemods.tree import argument, code, contains, every, new_statement, parameters, text_of
from lab.model import AlreadyThere

METHODS = ("put", "delete")
WRITE = "Write PUT and DELETE by hand, below the function that gets one todo."
REMOVE = "Take the functions that answer PUT and DELETE out by hand."


def remove_changing(project: Project) -> dict[str, cst.Module]:
    """Return the modules without the endpoints that change and delete one todo.

    Raises AlreadyThere where there is none, EditNotApplicable where other code uses one.
    """
    collection = find_collection(project, find_model(project))
    doomed = _changing(collection)
    if not doomed:
        raise AlreadyThere(
            "Your API has neither PUT nor DELETE for a todo.", "There is nothing to take out."
        )
    changes: Changes = {}
    for endpoint in doomed:
        if len(endpoint.function.decorators) > 1:
            raise project.refuse(f"{endpoint} has more than one decorator.", REMOVE)
        if user := next(_users(project, endpoint, doomed), None):
            raise project.refuse(f"{endpoint} is used in {user}, too.", REMOVE)
        changes[endpoint.function] = lambda node: cst.RemoveFromParent()
    return project.rewrite(changes)


def _changing(collection: Collection) -> list[Endpoint]:
    """Return the endpoints PUT and DELETE <collection>/{id}."""
    start = f"{collection.listing.url}/{{"
    return [e for e in collection.all if e.method in METHODS and e.url.startswith(start)]


def _users(project: Project, endpoint: Endpoint, doomed: list[Endpoint]) -> Iterator[str]:
    """Yield the files in which code that stays uses the endpoint's function."""
    for found in project.every(cst.Name):
        meant = project.resolve(found.path, found.node)
        if meant is None or meant.node is not endpoint.function:
            continue
        if not any(contains(gone.function, found.node) for gone in doomed):
            yield found.path


def add_changing(project: Project) -> dict[str, cst.Module]:
    """Return the modules with PUT and DELETE of one todo, those that are missing.

    Raises AlreadyThere where both exist, EditNotApplicable where the endpoints that there are
    do not show how a todo is found.
    """
    model = find_model(project)
    collection = find_collection(project, model)
    have = {endpoint.method for endpoint in _changing(collection)}
    missing = [method for method in METHODS if method not in have]
    if not missing:
        raise AlreadyThere(
            "Your API has PUT and DELETE for a todo already.", "There is nothing left to add."
        )
    query = find_query(project, collection.listing, model)
    if query.narrowing() or query.through is not None:
        raise project.refuse(f"How {query.owner} asks for a todo is not understood.", WRITE)
    return _Changing(project, collection, query).modules(missing)


class _Changing:
    """The two endpoints, with names and types as the other endpoints of the todos have them."""

    def __init__(self, project: Project, collection: Collection, query: Query) -> None:
        getting, creating = collection.getting, collection.creating
        path = collection.listing.path
        if getting is None or creating is None or {getting.path, creating.path} != {path}:
            raise project.refuse(
                "The endpoints that list, get and create a todo are not side by side.", WRITE
            )
        self.project = project
        self.path = path
        self.getting, self.creating = getting, creating
        self.model = code(query.model)
        self.way: Way = find_way(project, query, WRITE)
        self.db = code(self.way.session)

    def modules(self, missing: list[str]) -> dict[str, cst.Module]:
        """Return the module of the endpoints, and with it what it has to import."""
        module = self.project.modules[self.path]
        texts = {"put": self._put, "delete": self._delete}
        new = [new_statement(module, texts[method]()) for method in missing]

        def behind(node: cst.CSTNode) -> cst.FlattenSentinel[cst.CSTNode]:
            nodes = [node]
            for statement in new:
                nodes += list(after(node, statement))[1:]
            return cst.FlattenSentinel(nodes)

        tree = self.project.rewrite({self.creating.function: behind})[self.path]
        tree = with_import(tree, "fastapi", "HTTPException")
        if "put" in missing:
            name, source = self._schema()
            if source:
                tree = with_import(tree, source, name)
        return {self.path: tree}

    def _put(self) -> str:
        lines = [
            "for name, value in body.model_dump(exclude_none=True).items():",
            "    setattr(todo, name, value)",
            f"{self._waits}{self.db}.commit()",
            f"{self._waits}{self.db}.refresh(todo)",
            "return todo",
        ]
        returns = self.getting.function.returns
        end = f" -> {code(returns.annotation)}" if returns else ""
        body = f"body: {self._schema()[0]}"
        return self._endpoint("put", ["response_model"], "update_todo", [body], end, lines)

    def _delete(self) -> str:
        lines = [f"{self._waits}{self.db}.delete(todo)", f"{self._waits}{self.db}.commit()"]
        end = " -> None" if self.getting.function.returns else ""
        return self._endpoint("delete", ["status_code=204"], "delete_todo", [], end, lines)

    @property
    def _waits(self) -> str:
        return "await " if self.way.waits else ""

    def _endpoint(
        self, method: str, route: list[str], name: str, more: list[str], end: str, lines: list[str]
    ) -> str:
        """Return a whole endpoint: it finds the todo or answers 404, and then does the lines."""
        id = self._id()
        params = [plain(id), *more]
        if self.way.opening is None:
            session = parameter(self.creating.function, self.way.session)
            session = session or parameter(self.getting.function, self.way.session)
            if session is None:
                raise self.project.refuse(
                    f"It cannot be seen where {self.creating} gets its session from.", WRITE
                )
            params.append(plain(session))
        params.sort(key=lambda text: "=" in text.partition(":")[2].rpartition("]")[2])
        body = "\n".join(
            [
                f"todo = {self._waits}{self.db}.get({self.model}, {id.name.value})",
                "if todo is None:",
                '    raise HTTPException(404, "Todo not found")',
                *lines,
            ]
        )
        if self.way.opening is not None:
            body = f"{self.way.opening}\n{indented(body)}"
        start = "async def" if self.getting.function.asynchronous else "def"
        head = f"@{self._route(method, route)}\n{start} {name}({', '.join(params)}){end}:\n"
        return f"{head}{indented(body)}"

    def _id(self) -> cst.Param:
        for param in parameters(self.getting.function):
            if self.getting.url.endswith(f"{{{param.name.value}}}"):
                return param
        raise self.project.refuse(f"{self.getting} does not show its id as a parameter.", WRITE)

    def _route(self, method: str, own: list[str]) -> str:
        """Return app.put("/todos/{todo_id}", ...), with what the GET's own route has of these."""
        route = self.getting.route
        assert isinstance(route.func, cst.Attribute)
        path = argument(route, "path", 0)
        if text_of(path) is None or path is None:
            raise self.project.refuse(f"The path of {self.getting} is not written out.", WRITE)
        given = [code(path)]
        for name in (*own, "responses", "tags"):
            value = None if "=" in name else argument(route, name)
            if "=" in name:
                given.append(name)
            elif value is not None:
                given.append(f"{name}={code(value)}")
        return f"{code(route.func.value)}.{method}({', '.join(given)})"

    def _schema(self) -> tuple[str, str]:
        """Return what a PUT sends: a schema TodoUpdate beside TodoCreate, else this one itself.

        The second is the module that it has to be imported from, "" where it need not be.
        """
        for param in parameters(self.creating.function):
            note = param.annotation
            if note is None or not isinstance(note.annotation, cst.Name | cst.Attribute):
                continue
            for found in classes_in(self.project, Found(self.path, note.annotation)):
                if self.project.library_bases(found) & {"BaseModel", "SQLModel"}:
                    return self._updating(note.annotation, found)
        raise self.project.refuse(
            f"The schema of a new todo was not found in {self.creating}.", WRITE
        )

    def _updating(
        self, note: cst.Name | cst.Attribute, create: Found[cst.ClassDef]
    ) -> tuple[str, str]:
        name = create.node.name.value
        wanted = name.replace("Create", "Update")
        classes = every(self.project.modules[create.path], cst.ClassDef)
        if wanted == name or wanted not in [item.name.value for item in classes]:
            return code(note), ""
        if isinstance(note, cst.Attribute):
            return f"{code(note.value)}.{wanted}", ""
        return wanted, self.project.source_of(self.path, note.value)
