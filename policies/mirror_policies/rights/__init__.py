"""Rules on what the users of a flow, and of the applications that move with it, may do."""
