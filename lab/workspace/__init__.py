"""The learner's folder and its safety: copies, snapshots, the journal, SQLite files."""
