"""Rules on what operators no longer serve, with what took its place."""
