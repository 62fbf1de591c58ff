"""Rules on whether a group finds its place at the target after a failover."""
