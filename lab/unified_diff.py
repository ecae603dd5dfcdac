"""How two versions of a file differ, as a unified diff. No I/O."""

from __future__ import annotations

import io
import tokenize


def unified_diff(path: str, before: bytes | None, after: bytes | None) -> str:
    """Return the diff of one file, None where there is no such file; "" where nothing differs."""
    import difflib  # costs several milliseconds, and few commands compare anything

    if b"\0" in (before or b"") + (after or b""):
        return f"Binary file {path} differs\n" if before != after else ""
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
        for line in difflib.unified_diff(
            _lines(before),
            _lines(after),
            "/dev/null" if before is None else f"a/{path}",
            "/dev/null" if after is None else f"b/{path}",
        )
    )


def _lines(content: bytes | None) -> list[str]:
    content = content or b""
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
        text = content.decode(encoding)
    except (SyntaxError, ValueError, LookupError):  # the learner may have saved it as anything
        text = content.decode("latin-1")
    # What Python takes for the end of a line, and not a form feed, say, inside one.
    return list(io.StringIO(text, newline=None))
