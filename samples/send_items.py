"""Send items of a store inventory to a topic: ``python send_items.py 10``.

How to connect comes from environment variables, see ``connection.py``. Exit code: 0 all sent,
1 some failed, 2 usage, 3 no broker could be used, 130 or 143 stopped by a signal.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from datetime import UTC, datetime

import connection
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from items import make_item
from stopping import StopRequest

ERRORS_SHOWN = 5


class Deliveries:
    """What became of the records so far."""

    def __init__(self, *, quiet: bool) -> None:
        self.sent = 0
        self.failed = 0
        self._quiet = quiet

    def __call__(self, error: KafkaError | None, message: Message) -> None:
        """Take the report on one record (``on_delivery``)."""
        if error is not None:
            self.fail(error)
            return
        self.sent += 1
        if not self._quiet:
            print(f"{message.topic()}[{message.partition()}] offset {message.offset()}")

    def fail(self, error: KafkaError) -> None:
        """Count a record that will not arrive."""
        self.failed += 1
        if self.failed <= ERRORS_SHOWN:
            print(f"not delivered: {error.str()}", file=sys.stderr)


def main() -> int:
    """Send the items and return the exit code."""
    arguments = _arguments()
    stop, troubles = StopRequest(), connection.Troubles()
    try:
        producer = connection.opened(
            Producer,
            {
                **connection.client_settings(os.environ),
                "client.id": "send_items",
                "enable.idempotence": True,
                "message.timeout.ms": arguments.timeout * 1000,
                "error_cb": troubles,
            },
        )
    except connection.EnvironmentVariableError as error:
        print(error, file=sys.stderr)
        return connection.EXIT_USAGE
    deliveries = Deliveries(quiet=arguments.quiet)
    _send(producer, arguments, deliveries, stop, troubles)
    while len(producer) and not troubles.is_final:
        producer.poll(0.1)
    deliveries.failed += len(producer)
    print(f"{deliveries.sent} sent to {arguments.topic}, {deliveries.failed} failed")
    return _exit_code(deliveries, stop, troubles)


def _send(
    producer: Producer,
    arguments: argparse.Namespace,
    deliveries: Deliveries,
    stop: StopRequest,
    troubles: connection.Troubles,
) -> None:
    begun = time.monotonic()
    for index in range(arguments.count):
        due = begun + index / arguments.rate if arguments.rate else 0.0
        producer.poll(0)
        while (wait := due - time.monotonic()) > 0 and not stop:
            producer.poll(min(wait, 0.1))
        if stop or troubles.is_final:
            return
        item = make_item(arguments.start + index, sold_at=datetime.now(UTC))
        _produce(producer, arguments.topic, item, deliveries)


def _produce(
    producer: Producer, topic: str, item: dict[str, object], deliveries: Deliveries
) -> None:
    key, value = str(item["storeName"]), json.dumps(item).encode()
    while True:
        try:
            producer.produce(topic, key=key, value=value, on_delivery=deliveries)
        except BufferError:
            # The queue is full: records leave it as they are delivered.
            producer.poll(0.1)
        except KafkaException as error:
            deliveries.fail(error.args[0])
            return
        else:
            return


def _exit_code(deliveries: Deliveries, stop: StopRequest, troubles: connection.Troubles) -> int:
    if deliveries.failed or troubles.is_final:
        if troubles.last:
            print(f"the last trouble was: {troubles.last}", file=sys.stderr)
        return connection.EXIT_FAILED if deliveries.sent else connection.EXIT_UNREACHABLE
    return stop.exit_code if stop else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Send items of a store inventory to a topic.")
    parser.add_argument("count", type=connection.whole_number, help="how many items")
    parser.add_argument(
        "--start", type=connection.whole_number, default=0, help="first sequence number (default 0)"
    )
    parser.add_argument(
        "--topic", default=connection.topic(os.environ), help="instead of SOURCE_TOPIC"
    )
    parser.add_argument(
        "--rate", type=float, default=0.0, help="items a second (default: no limit)"
    )
    parser.add_argument(
        "--timeout",
        type=int,
        default=30,
        help="seconds until an item counts as failed (default 30)",
    )
    parser.add_argument("--quiet", action="store_true", help="print the summary only")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
