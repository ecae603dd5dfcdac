"""The files of Alembic as the lab writes them, in the words of the course."""

INI = """\
# What `alembic` reads. Call it in this folder: `alembic upgrade head`, `alembic history`.
[alembic]
script_location = %(here)s/migrations
prepend_sys_path = .
path_separator = os
"""

ENV = '''\
"""Runs before each Alembic command, and says which database and which models it is about."""

from alembic import context

from {package} import {model}  # noqa: F401  # a model that nobody imports is not known
from {base_module} import {base}
from {engine_module} import {engine}

with {engine}.connect() as connection:
    # SQLite can change little of a table that is there; a batch makes a new one and copies.
    context.configure(
        connection=connection, target_metadata={base}.metadata, render_as_batch=True
    )
    with context.begin_transaction():
        context.run_migrations()
'''

MAKO = '''\
"""${message}"""

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
'''

FIRST = '''\
"""The table as it was when it came under Alembic."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "todos",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(True), nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("todos")
'''

SECOND = '''\
"""Each todo gets a priority."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    # The model's default is for new todos. The rows that are there get theirs from the server.
    op.add_column("todos", sa.Column("priority", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    # A batch copies the table. What it cannot see in the old one, it has to be told.
    copied = {"sqlite_autoincrement": True}
    with op.batch_alter_table("todos", table_kwargs=copied) as todos:
        todos.drop_column("priority")
'''
