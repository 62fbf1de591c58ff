"""A local stand-in for the data centre: real control planes, Strimzi's resources, real Kafka, no containers."""

from lab.directory import DEFAULT_SITES, LabDirectory
from lab.errors import LabError
from lab.lifecycle import down, kill, running, up
from lab.steps import Phase, Step

__all__ = [
    "DEFAULT_SITES",
    "LabDirectory",
    "LabError",
    "Phase",
    "Step",
    "down",
    "kill",
    "running",
    "up",
]
