"""LibCST, imported when it is first used.

Every command reads the declarations of the edits, and LibCST takes longer to import than most
commands take to run. So no module of this folder may use `cst` while it is imported itself:
not as a base class, and in no alias that is not quoted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["cst"]

if TYPE_CHECKING:
    import libcst as cst
else:

    class _Lazy:
        def __getattr__(self, name: str) -> object:
            import libcst

            value = getattr(libcst, name)
            setattr(self, name, value)
            return value

    cst = _Lazy()
