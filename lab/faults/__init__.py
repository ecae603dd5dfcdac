"""Faults that a beginner's lab can not wait for: made to happen, every time, in seconds."""
