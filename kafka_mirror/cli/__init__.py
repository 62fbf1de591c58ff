"""The ``kafka-mirror`` command: parses, calls, draws."""

from kafka_mirror.cli.main import main

__all__ = ["main"]
