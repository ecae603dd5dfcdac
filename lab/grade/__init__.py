"""Judges a class: many submissions, each behind a wall, and what a teacher makes of it."""
