"""The learner's app as a real server, seen from outside."""
