"""A small todo API that keeps its data in a database."""
