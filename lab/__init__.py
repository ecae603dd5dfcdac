"""A hands-on lab for learning how an API keeps its data."""
