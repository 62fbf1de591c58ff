"""A local stand-in for the data centre: real control planes, Strimzi's resources, real Kafka, no containers."""
