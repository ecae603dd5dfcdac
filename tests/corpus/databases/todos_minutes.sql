-- The table todos with a column for minutes, and three rows.
CREATE TABLE todos (
    id INTEGER NOT NULL PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    minutes INTEGER NOT NULL DEFAULT 0,
    completed BOOLEAN NOT NULL,
    created_at DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
);
INSERT INTO todos (id, title, completed, created_at) VALUES
    (1, 'Buy milk', 0, '2024-05-01 09:30:00.000000'),
    (2, 'Water the plants', 1, '2024-05-01 09:31:00.000000'),
    (3, 'Call the bank', 0, '2024-05-02 18:05:12.250000');
