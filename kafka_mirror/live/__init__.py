"""What is: reads real clusters with confluent-kafka."""

from kafka_mirror.live.offset_translation import OffsetAndMetadata, translate_offsets

__all__ = ["OffsetAndMetadata", "translate_offsets"]
