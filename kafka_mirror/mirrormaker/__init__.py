"""What MirrorMaker 2 is: key names, defaults, internal topic names and pattern algebra (Kafka 4.3)."""
