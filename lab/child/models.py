"""What SQLAlchemy knows of a mapped class, as values that can be sent."""

from __future__ import annotations

from typing import Any


def model(mapper: Any) -> dict[str, Any]:
    """Return the name of a mapped class, its table and its columns."""
    return {
        "name": mapper.class_.__name__,
        "table": mapper.local_table.name,
        "pydantic": hasattr(mapper.class_, "model_fields"),
        "columns": [_column(column) for column in mapper.local_table.columns],
    }


def _column(column: Any) -> dict[str, Any]:
    default = column.default
    scalar = default.arg if default is not None and default.is_scalar else None
    return {
        "name": column.name,
        "type": _generic(column.type),
        "length": getattr(column.type, "length", None),
        "nullable": bool(column.nullable),
        "primary_key": bool(column.primary_key),
        "default": scalar if isinstance(scalar, (str, int, float, bool)) else None,
        "server_default": column.server_default is not None,
        "references": next((key.target_fullname for key in column.foreign_keys), None),
    }


def _generic(kind: Any) -> str:
    """Return the name of SQLAlchemy's own type behind one such as SQLModel's AutoString."""
    from sqlalchemy.types import TypeDecorator

    while isinstance(kind, TypeDecorator):
        kind = kind.impl_instance
    try:
        return type(kind.as_generic()).__name__
    except NotImplementedError:  # a type of the learner's own
        return type(kind).__name__
