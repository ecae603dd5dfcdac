"""The API: which functions answer requests, and which of them serve the todos."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project, found_once
from lab.codemods.tables import all_fields, find_model
from lab.codemods.tree import argument, bindings, dotted_name, every, last_name, text_of

METHODS = frozenset({"get", "post", "put", "patch", "delete"})


@dataclass(frozen=True)
class Endpoint:
    """A function that answers one kind of request."""

    found: Found[cst.FunctionDef]
    method: str
    route: cst.Call  # the decorator: app.get("/todos", ...)
    router: str  # the app or router that the decorator belongs to
    url: str  # as far as the router knows it, without a slash at its end

    @property
    def path(self) -> str:
        return self.found.path

    @property
    def function(self) -> cst.FunctionDef:
        return self.found.node

    def __str__(self) -> str:
        return str(self.found)


@dataclass(frozen=True)
class Collection:
    """The endpoints of the todos."""

    listing: Endpoint
    creating: Endpoint | None
    all: tuple[Endpoint, ...]  # every endpoint at or below the collection's url


def endpoints(project: Project) -> Iterator[Endpoint]:
    """Yield every function with a route decorator whose path is written out."""
    for found in project.every(cst.FunctionDef):
        for decorator in found.node.decorators:
            route = decorator.decorator
            if not isinstance(route, cst.Call) or not isinstance(route.func, cst.Attribute):
                continue
            path = argument(route, "path", 0)
            url = text_of(path)
            if url is None and path is not None:
                constant = project.resolve(found.path, path)
                url = text_of(constant.node) if constant else None
            if last_name(route.func) in METHODS and url is not None:
                router, prefix = _router(project, found.path, route.func.value)
                whole = (prefix + url).rstrip("/")
                yield Endpoint(found, last_name(route.func), route, router, whole)


def _router(project: Project, path: str, name: cst.BaseExpression) -> tuple[str, str]:
    """Return what tells a router from others, and the prefix that it is made with."""
    found = project.resolve(path, name)
    if found is None:
        for assign in every(project.modules[path], cst.Assign):
            for target, value in bindings(assign):
                if target == dotted_name(name) and value is not None:
                    found = Found(path, value)
    if found is None or not isinstance(found.node, cst.Call):
        return f"{path}:{dotted_name(name)}", ""
    place = str(id(found.node))
    return place, text_of(argument(found.node, "prefix")) or ""


@found_once
def find_collection(project: Project) -> Collection:
    """Return the endpoints of the todos: a GET that lists them, and its neighbours.

    Raises EditNotApplicable where no endpoint lists them, or more than one may.
    """
    model, known = find_model(project), list(endpoints(project))
    gets = [e for e in known if e.method == "get" and "{" not in e.url]
    pairs = [
        e
        for e in gets
        if any(o.method == "post" and (o.router, o.url) == (e.router, e.url) for o in known)
    ]
    fitting = [e for e in pairs if is_about(project, e, model)]
    if not fitting and len(pairs) == 1:
        fitting = pairs
    if not fitting:
        fitting = [e for e in gets if is_about(project, e, model) and _answers_list(e)]
    if not fitting:
        raise project.refuse(
            "No endpoint was found that lists the todos.",
            "Make the change by hand, in the function that answers GET /todos.",
        )
    if len(fitting) > 1:
        names = " and ".join(str(e) for e in fitting)
        raise project.refuse(
            f"More than one endpoint may be the list of todos: {names}.",
            "Keep one of them in your folder, or make the change by hand.",
        )
    listing = fitting[0]
    beside = tuple(
        e
        for e in known
        if e.router == listing.router
        and (e.url == listing.url or e.url.startswith(f"{listing.url}/"))
    )
    creating = [e for e in beside if e.method == "post" and e.url == listing.url]
    return Collection(listing, creating[0] if creating else None, beside)


def is_about(project: Project, endpoint: Endpoint, model: Found[cst.ClassDef]) -> bool:
    """Return whether the endpoint uses the model, or answers with what has `completed`."""
    names = [
        *every(endpoint.function.body, cst.Name),
        *every(endpoint.function.body, cst.Attribute),
    ]
    return any(project.resolve_class(endpoint.path, name) == model for name in names) or any(
        "completed" in all_fields(project, found) for found in answers(project, endpoint)
    )


def _answers_list(endpoint: Endpoint) -> bool:
    names = [name for note in _answer_notes(endpoint) for name in every(note, cst.Name)]
    return any(name.value.lower() in ("list", "sequence", "iterable") for name in names)


def _answer_notes(endpoint: Endpoint) -> list[cst.BaseExpression]:
    declared = argument(endpoint.route, "response_model")
    if declared is not None and dotted_name(declared) != "None":
        return [declared]
    returns = endpoint.function.returns
    return [returns.annotation] if returns and declared is None else []


def answers(project: Project, endpoint: Endpoint) -> list[Found[cst.ClassDef]]:
    """Return the learner's classes that the endpoint declares as its answer."""
    return [
        found
        for note in _answer_notes(endpoint)
        for found in classes_in(project, Found(endpoint.path, note))
    ]


def classes_in(
    project: Project, note: Found[cst.CSTNode], _seen: frozenset[cst.CSTNode] = frozenset()
) -> list[Found[cst.ClassDef]]:
    """Return the learner's classes that a type names: itself, in brackets, or by an alias."""
    found: dict[Found[cst.ClassDef], None] = {}
    quoted = [n for n in every(note.node, cst.SimpleString) if text_of(n)]
    for name in [*every(note.node, cst.Attribute), *every(note.node, cst.Name), *quoted]:
        meant = project.resolve(note.path, name)
        if meant is None or meant.node in _seen:
            continue
        if isinstance(meant.node, cst.ClassDef):
            found[Found(meant.path, meant.node)] = None
        elif isinstance(meant.node, cst.Subscript | cst.BinaryOperation):
            seen = _seen | {meant.node}
            found.update(dict.fromkeys(classes_in(project, meant, seen)))
    return list(found)


def dependency(project: Project, path: str, param: cst.Param) -> Found[cst.CSTNode] | None:
    """Return what `Depends(...)` of a parameter names, directly, by Annotated or by an alias."""
    places: list[Found[cst.CSTNode]] = []
    if param.default is not None:
        places.append(Found(path, param.default))
    if param.annotation is not None:
        places.append(Found(path, param.annotation.annotation))
        alias = project.resolve(path, param.annotation.annotation)
        if alias is not None and isinstance(alias.node, cst.Subscript):
            places.append(alias)
    for place in places:
        for call in every(place.node, cst.Call):
            if project.original_name(place.path, call.func) == "Depends":
                named = argument(call, "dependency", 0)
                return project.resolve(place.path, named) if named is not None else None
    return None


def called_functions(
    project: Project, found: Found[cst.FunctionDef]
) -> list[tuple[cst.Call, Found[cst.FunctionDef]]]:
    """Return the calls in a function's body to the learner's own functions."""
    calls = []
    for call in every(found.node.body, cst.Call):
        meant = project.resolve(found.path, call.func)
        if meant is not None and isinstance(meant.node, cst.FunctionDef):
            calls.append((call, Found(meant.path, meant.node)))
    return calls
