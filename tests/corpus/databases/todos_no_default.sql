-- The table as the reference makes it: no column has a default of its own.
CREATE TABLE todos (
    id INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    title VARCHAR(200) NOT NULL,
    completed BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL
);
INSERT INTO todos (id, title, completed, created_at) VALUES
    (1, 'Buy milk', 0, '2024-05-01 09:30:00.000000'),
    (2, 'Water the plants', 1, '2024-05-01 09:31:00.000000');
