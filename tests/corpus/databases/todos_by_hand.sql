-- A table todos made by hand, which lacks a column of the model.
CREATE TABLE todos (
    id INTEGER NOT NULL PRIMARY KEY,
    title VARCHAR(200) NOT NULL,
    completed BOOLEAN NOT NULL
);
