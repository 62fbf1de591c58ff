"""Rules on how a Pulumi program declares its objects."""
