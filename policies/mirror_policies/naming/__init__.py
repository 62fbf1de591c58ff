"""Rules on what a mirrored topic is called at the target."""
