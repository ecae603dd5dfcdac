"""The course: its catalogue, a learner's progress in it, and the looks at an API beside it."""
