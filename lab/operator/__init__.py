"""The lab's operator: turns custom resources into Kafka brokers and MirrorMaker 2 workers on loopback."""
