"""Rules on whom MirrorMaker believes when it connects."""
