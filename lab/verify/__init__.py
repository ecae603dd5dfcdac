"""Judging exercises: checks, verdicts, and what shows a failure."""
