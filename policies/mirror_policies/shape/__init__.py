"""Rules on whether an object can be read at all."""
