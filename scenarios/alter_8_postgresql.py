"""The todos move from the file to PostgreSQL."""

from lab import scenario as s
from lab.scenario.parts import moving

alter = moving(
    "postgresql",
    title="From the file to PostgreSQL",
    teaches="Another URL is another server; the rows and the next id are yours to move.",
    server="PostgreSQL",
    url="postgresql+psycopg://USER:PASSWORD@HOST/todos",
    hint="`SELECT setval('todos_id_seq', max(id)) FROM todos` when the rows are there, ids and "
    "created_at as they were.",
    follows="the sequence was told about it",
    why="PostgreSQL counts in a sequence beside the table. A row that brings its own id does "
    "not move it: somebody has to call setval().",
)

scenario = s.Scenario(
    "004, Why this project exists: PostgreSQL or MySQL is one line", (alter,), topic="operations"
)
