PRAGMA journal_mode = WAL;
CREATE TABLE todos (
    id INTEGER NOT NULL PRIMARY KEY,
    title VARCHAR NOT NULL,
    completed BOOLEAN,
    created_at DATETIME
);
INSERT INTO todos VALUES (1, 'Buy milk', 0, '2024-01-15 10:30:00.000000');
