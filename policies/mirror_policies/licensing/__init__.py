"""Rules on what IBM Event Streams counts."""
