"""The learner's models as SQLModel has them: each class is a table and a Pydantic model at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import libcst as cst

from lab.codemods.imports import with_import, without_imports
from lab.codemods.project import Change, Changes, Found, Project
from lab.codemods.tables import is_sqlmodel, is_table
from lab.codemods.tree import code, dotted_name, every, imports, last_name, statements
from lab.model import AlreadyThere

BY_HAND = (
    "Let each model inherit from SQLModel, with table=True, and write its columns as fields: "
    "`title: str = Field(max_length=200)`."
)
SAME = frozenset({"unique", "index", "nullable", "primary_key"})  # Field knows these as well
PLAIN = frozenset({"Integer", "String", "Boolean", "DateTime", "Text", "Float", "Date"})


def port_to_sqlmodel(project: Project) -> dict[str, cst.Module]:
    """Return the modules in which the base class and the models are SQLModel's.

    Raises AlreadyThere where they are, EditNotApplicable where a column is not understood.
    """
    models = [found for found in project.every(cst.ClassDef) if is_table(found)]
    if models and all(is_sqlmodel(project, found) for found in models):
        raise AlreadyThere(
            "Your models are SQLModel's already.", "There is nothing left to change."
        )
    bases = [
        found
        for found in project.every(cst.ClassDef)
        if any(
            project.original_name(found.path, base.value) == "DeclarativeBase"
            for base in found.node.bases
        )
    ]
    direct = all(len(project.ancestry(found)) == 2 for found in models)
    if not models or len(bases) != 1 or not direct:
        raise project.refuse(
            "The lab changes models that inherit from one class of yours, and this one from "
            "DeclarativeBase. Here it is not so.",
            BY_HAND,
        )
    changes: Changes = {bases[0].node: _based}
    for model in models:
        changes[model.node] = _as_table
        changes |= _fields(project, model)
    rewritten = project.rewrite(changes)
    for path, tree in rewritten.items():
        names = {item.value for item in every(project.modules[path], cst.Name)}
        needed = {"SQLModel"} if path == bases[0].path else set()
        if any(last_name(call.func) == "Field" for call in every(tree, cst.Call)):
            needed.add("Field")
        changed = without_imports(tree, names)
        bound = imports(changed).get("Field")
        if "Field" in needed and bound and bound.module != "sqlmodel":
            raise project.refuse(f"The name Field in {path} is another one's.", BY_HAND)
        for name in sorted(needed):
            changed = with_import(changed, "sqlmodel", name)
        rewritten[path] = changed
    return rewritten


def _based(node: cst.CSTNode) -> cst.CSTNode:
    owner = cst.ensure_type(node, cst.ClassDef)
    return owner.with_changes(bases=[cst.Arg(cst.Name("SQLModel"))])


def _as_table(node: cst.CSTNode) -> cst.CSTNode:
    owner = cst.ensure_type(node, cst.ClassDef)
    tight = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    table = cst.Arg(cst.Name("True"), keyword=cst.Name("table"), equal=tight)
    return owner.with_changes(keywords=[*owner.keywords, table])


def _fields(project: Project, model: Found[cst.ClassDef]) -> Changes:
    """Return the change of each column into a field."""
    changes: Changes = {}
    for line in statements(model.node.body):
        for small in line.body if isinstance(line, cst.SimpleStatementLine) else ():
            if isinstance(small, cst.AnnAssign):
                changes[small] = _replacing(_field(project, model, small))
            elif isinstance(small, cst.Assign) and any(_calls(small, "Column", "mapped_column")):
                raise _unclear(project, model, code(small))
    return changes


def _calls(node: cst.CSTNode, *names: str) -> Iterator[cst.Call]:
    return (call for call in every(node, cst.Call) if last_name(call.func) in names)


def _replacing(text: str) -> Change:
    line = cst.ensure_type(cst.parse_statement(text), cst.SimpleStatementLine)
    new = line.body[0]
    return lambda node: new


def _unclear(project: Project, model: Found[cst.ClassDef], text: str) -> Exception:
    return project.refuse(f"The column `{text}` of {model} is not understood.", BY_HAND)


@dataclass
class _Field:
    """One field as it is put together."""

    type: str
    default: str | None = None  # None: it must be given
    factory: str | None = None
    more: list[str] = field(default_factory=list)

    def written(self, name: str) -> str:
        given = [f"default={self.default}"] if self.default is not None else []
        given += [f"default_factory={self.factory}"] if self.factory else []
        if not self.more and not self.factory:
            return f"{name}: {self.type}" + (f" = {self.default}" if given else "")
        return f"{name}: {self.type} = Field({', '.join([*given, *self.more])})"


def _field(project: Project, model: Found[cst.ClassDef], small: cst.AnnAssign) -> str:
    note, text = small.annotation.annotation, code(small)
    mapped = isinstance(note, cst.Subscript) and last_name(note.value) == "Mapped"
    if not mapped or not isinstance(small.target, cst.Name):
        raise _unclear(project, model, text)
    assert isinstance(note, cst.Subscript)
    inner = note.slice[0].slice
    found = _Field(code(cst.ensure_type(inner, cst.Index).value))
    if small.value is not None:
        if not isinstance(small.value, cst.Call) or last_name(small.value.func) != "mapped_column":
            raise _unclear(project, model, text)
        for arg in small.value.args:
            if not _take(found, arg):
                raise _unclear(project, model, text)
    if "primary_key=True" in found.more and found.default is None and not found.factory:
        # The database makes the id: until then there is none.
        found.type, found.default = f"{found.type} | None", "None"
    if found.type.endswith("| None") and found.default is None:
        found.default = "None"
    return found.written(small.target.value)


def _take(found: _Field, arg: cst.Arg) -> bool:
    """Bring one argument of mapped_column() over; tell whether it was understood."""
    value = arg.value
    if arg.keyword is None:
        return _take_type(found, value)
    name = arg.keyword.value
    if name in SAME:
        found.more.append(f"{name}={code(value)}")
    elif name == "default" and isinstance(value, cst.Lambda | cst.Attribute):
        found.factory = code(value)
    elif name == "default" and not isinstance(value, cst.Call):
        found.default = code(value)
    else:
        return False
    return True


def _take_type(found: _Field, value: cst.BaseExpression) -> bool:
    name = last_name(value.func) if isinstance(value, cst.Call) else last_name(value)
    arguments = list(value.args) if isinstance(value, cst.Call) else []
    if name == "ForeignKey" and len(arguments) == 1:
        found.more.append(f"foreign_key={code(arguments[0].value)}")
    elif name == "String" and len(arguments) == 1:
        found.more.append(f"max_length={code(arguments[0].value)}")
    elif name in PLAIN and arguments:
        found.more.append(f"sa_type={code(value)}")
    elif name not in PLAIN or not dotted_name(value):
        return name in PLAIN
    return True
