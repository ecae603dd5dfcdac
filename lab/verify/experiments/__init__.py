"""What the checks of an exercise do with a running app, and what they have seen of it."""
