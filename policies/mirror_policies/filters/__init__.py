"""Rules on which topics and groups a flow takes in."""
