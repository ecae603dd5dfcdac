"""The todos move from the file to MySQL."""

from lab import scenario as s
from lab.scenario.parts import moving

alter = moving(
    "mysql",
    title="From the file to MySQL",
    teaches="Another URL is another server, and other types: text of a length, whole seconds.",
    server="MySQL or MariaDB",
    url="mysql+pymysql://USER:PASSWORD@HOST/todos",
    hint="`String(200)` where a text column has no length: MySQL wants one. Copy the rows with "
    "their ids and created_at.",
    follows="the table has seen the ids",
    why="AUTO_INCREMENT belongs to the table and follows the highest id that it was given.",
)

scenario = s.Scenario(
    "004, Why this project exists: PostgreSQL or MySQL is one line", (alter,), topic="operations"
)
