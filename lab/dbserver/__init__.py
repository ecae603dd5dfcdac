"""A database on a server, reached by its URL: made for a check, read, filled and dropped again."""
