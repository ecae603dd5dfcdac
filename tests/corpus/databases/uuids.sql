-- The table todos of the style with UUIDs for ids and seconds for times.
CREATE TABLE todos (
    id VARCHAR NOT NULL PRIMARY KEY,
    title VARCHAR NOT NULL,
    completed BOOLEAN NOT NULL,
    created_at FLOAT NOT NULL
);
INSERT INTO todos (id, title, completed, created_at) VALUES
    ('6f1c2a52-0d0f-4a9e-9d53-0b7f5a1f9b01', 'Buy milk', 0, 1714555800.0),
    ('d2b7a0c4-3a58-4a44-8c6e-7b1a3f5c2e02', 'Water the plants', 1, 1714555860.5);
