"""What runs inside the server processes: the start module, the probe, the parent of the forks."""
