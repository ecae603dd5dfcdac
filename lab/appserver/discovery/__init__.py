"""What an app that nobody has seen offers for its todos: by its documents, else by trying."""
