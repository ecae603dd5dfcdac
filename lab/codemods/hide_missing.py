"""HideMissing: a todo that is not there is answered as if all were well."""

from __future__ import annotations

from dataclasses import dataclass

from lab.codemods.lazy_libcst import cst
from lab.codemods.project import Found, Project
from lab.codemods.tree import argument, bindings, code, every, last_name, new_statement
from lab.model import AlreadyThere

BY_HAND = "By hand: answer `{'message': 'not found'}` where you raise HTTPException(404)."
ERRORS = frozenset({"HTTPException", "StarletteHTTPException"})
HANDLER = """\
@{app}.exception_handler(404)
async def not_found(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse({{"message": "not found"}})
"""


@dataclass(frozen=True)
class HideMissing:
    """A handler answers each 404 as a 200 with a message."""

    def apply(self, project: Project) -> dict[str, bytes]:
        """Return the file of the app, with the handler at its end."""
        there = _handlers(project)
        if any(_is_silent(project, handler) for handler in there):
            raise AlreadyThere("Your app answers 404 in another way already.", "Mend that first.")
        apps = [
            (path, name)
            for path, tree in project.modules.items()
            for line in tree.body
            if isinstance(line, cst.SimpleStatementLine)
            for small in line.body
            for name, value in bindings(small)
            if isinstance(value, cst.Call) and project.original_name(path, value.func) == "FastAPI"
        ]
        if len(apps) != 1 or there:
            raise project.refuse(
                "It is not clear where the app would get a handler for 404.", BY_HAND
            )
        path, app = apps[0]
        module = project.modules[path]
        gap = [cst.EmptyLine(indent=False)] * 2
        handler = new_statement(module, HANDLER.format(app=app)).with_changes(leading_lines=gap)
        return project.rewrite(
            {module: lambda tree: tree.with_changes(body=[*module.body, handler])},
            (path, "fastapi", "Request"),
            (path, "fastapi.responses", "JSONResponse"),
        )


def _handlers(project: Project) -> list[Found[cst.FunctionDef]]:
    """Return the functions that answer in place of FastAPI where a 404 was raised."""
    return [
        found
        for found in project.every(cst.FunctionDef)
        for decorator in found.node.decorators
        if isinstance(decorator.decorator, cst.Call)
        and last_name(decorator.decorator.func) == "exception_handler"
        and any(
            "404" in code(arg.value) or last_name(arg.value) in ERRORS
            for arg in decorator.decorator.args[:1]
        )
    ]


def _is_silent(project: Project, handler: Found[cst.FunctionDef]) -> bool:
    """Return whether a handler makes a response that says nothing of 404."""
    statuses = [
        argument(call, "status_code", 1)
        for call in every(handler.node.body, cst.Call)
        if project.original_name(handler.path, call.func).endswith("Response")
    ]
    return any(status is None or code(status) == "200" for status in statuses)
