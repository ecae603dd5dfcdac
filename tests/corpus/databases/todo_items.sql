-- The table todo_items of one of the styles, with two rows.
CREATE TABLE todo_items (
    id INTEGER NOT NULL PRIMARY KEY,
    title VARCHAR(100),
    completed BOOLEAN,
    created_at DATETIME
);
INSERT INTO todo_items (id, title, completed, created_at) VALUES
    (1, 'Buy milk', 0, '2024-05-01 09:30:00.000000'),
    (2, 'Water the plants', 1, '2024-05-01 09:31:00.000000');
