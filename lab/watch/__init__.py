"""A learner's folder, watched: judged at every save, or served and started anew."""
