"""Judging exercises: checks by pytest, verdicts, and what shows a failure."""
