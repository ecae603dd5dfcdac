"""For authors: proof that scenarios and checks do what they are for, and a start for new ones."""
