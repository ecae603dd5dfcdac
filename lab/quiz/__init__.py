"""The explain-it exercises: questions that are run, and the learner's own words."""
