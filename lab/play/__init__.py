"""Playing a scenario: its steps on a server, its changes, and what was seen."""
