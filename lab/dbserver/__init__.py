"""A database on a server, reached by its URL: lent, read, filled and dropped again."""
