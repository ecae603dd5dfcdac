import os
import tempfile

DATA_DIR = os.getenv("DATA_DIR") or tempfile.mkdtemp(prefix="todo-")
DB_URL = f"sqlite:///{DATA_DIR}/todo.db"
