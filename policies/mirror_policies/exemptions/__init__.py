"""Rules on exemptions from the other rules."""
