"""Receive items of a store inventory from a topic: ``python receive_items.py 10``.

How to connect comes from environment variables, see ``connection.py``. Offsets are committed only
after the items were printed. Exit code: 0 fine, 1 fewer than the count arrived or the broker refused,
2 usage, 3 no broker could be used, 130 or 143 stopped by a signal.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Sequence

import connection
from confluent_kafka import Consumer, KafkaError, KafkaException, Message, TopicPartition
from items import Journey, read_item
from stopping import StopRequest

BATCH = 500
TICK_SECONDS = 0.2
JOIN_SECONDS = 15.0


class RefusedError(Exception):
    """The broker will not give what was asked for, however long one waits."""


class Receiver:
    """Read records in batches and commit each batch once it was printed."""

    def __init__(self, consumer: Consumer, topic: str, *, quiet: bool) -> None:
        self.journey = Journey()
        self.last_moved = time.monotonic()
        self.is_assigned = False
        self._consumer = consumer
        self._quiet = quiet
        consumer.subscribe([topic], on_assign=self._assigned)

    def receive(self, most: int) -> None:
        """Read no more than `most` records, print and commit them; waits a moment if there are none.

        Raises:
            RefusedError: If the broker refuses the topic or the group.
        """
        received = self._consumer.consume(min(most, BATCH), TICK_SECONDS)
        messages = [message for message in received if self._is_record(message)]
        for message in messages:
            self._take(message)
        if messages:
            self.last_moved = time.monotonic()
            self._commit(messages)

    def _take(self, message: Message) -> None:
        item = read_item(message.value())
        self.journey.add(item)
        if not self._quiet:
            place = f"{message.topic()}[{message.partition()}] offset {message.offset()}"
            print(f"{place}  {_said(item)}")

    def _commit(self, messages: Sequence[Message]) -> None:
        try:
            for message in messages:
                self._consumer.store_offsets(message=message)
            self._consumer.commit(asynchronous=False)
        except KafkaException as error:
            # The group was rebalanced meanwhile: whoever has the partition now reads them again.
            print(f"not committed: {connection.reason(error)}", file=sys.stderr)

    def _assigned(self, _consumer: Consumer, partitions: Sequence[TopicPartition]) -> None:
        self.is_assigned = bool(partitions)
        self.last_moved = time.monotonic()

    def _is_record(self, message: Message) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.code() in (
            KafkaError.TOPIC_AUTHORIZATION_FAILED,
            KafkaError.GROUP_AUTHORIZATION_FAILED,
        ):
            raise RefusedError(error.str())
        return False


def main() -> int:
    """Receive the items and return the exit code."""
    arguments = _arguments()
    stop, troubles = StopRequest(), connection.Troubles()
    try:
        consumer = connection.opened(
            Consumer,
            {
                **connection.client_settings(os.environ),
                **connection.group_settings(os.environ),
                "client.id": "receive_items",
                "auto.offset.reset": "earliest",
                "enable.auto.commit": False,
                "enable.auto.offset.store": False,
                "error_cb": troubles,
            },
        )
    except connection.EnvironmentVariableError as error:
        print(error, file=sys.stderr)
        return connection.EXIT_USAGE
    receiver = Receiver(consumer, arguments.topic, quiet=arguments.quiet)
    try:
        _receive(receiver, arguments, stop, troubles)
    except RefusedError as error:
        print(f"refused: {error}", file=sys.stderr)
        return connection.EXIT_FAILED
    finally:
        consumer.close()
    print(receiver.journey.summary())
    return _exit_code(receiver, arguments, stop, troubles)


def _receive(
    receiver: Receiver,
    arguments: argparse.Namespace,
    stop: StopRequest,
    troubles: connection.Troubles,
) -> None:
    while not stop and not troubles.is_final:
        left = BATCH if arguments.count is None else arguments.count - receiver.journey.records
        # A group may take longer to be let in, at a new cluster above all, than it is idle afterwards.
        patience = arguments.idle if receiver.is_assigned else max(arguments.idle, JOIN_SECONDS)
        is_idle = arguments.idle and time.monotonic() - receiver.last_moved > patience
        if left <= 0 or is_idle:
            return
        receiver.receive(left)


def _exit_code(
    receiver: Receiver,
    arguments: argparse.Namespace,
    stop: StopRequest,
    troubles: connection.Troubles,
) -> int:
    if stop:
        return stop.exit_code
    if arguments.count is not None and receiver.journey.records >= arguments.count:
        return 0
    if troubles.is_final or not receiver.is_assigned:
        why = troubles.last or "no partition was assigned"
        print(f"cannot read from {arguments.topic}: {why}", file=sys.stderr)
        return connection.EXIT_UNREACHABLE
    if arguments.count is not None:
        print(f"no more came within {arguments.idle:g} s", file=sys.stderr)
        return connection.EXIT_FAILED
    return 0


def _said(item: dict[str, object] | None) -> str:
    if item is None:
        return "no item"
    names = ("storeName", "itemCode", "type", "quantity", "price")
    return " ".join([f"sequence {item['sequence']} ", *(str(item.get(name)) for name in names)])


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Receive items of a store inventory from a topic.")
    parser.add_argument(
        "count",
        type=connection.whole_number,
        nargs="?",
        help="how many items (default: until none comes any more)",
    )
    parser.add_argument(
        "--topic", default=connection.topic(os.environ), help="instead of SOURCE_TOPIC"
    )
    parser.add_argument(
        "--idle",
        type=float,
        default=30.0,
        help="seconds without an item until it ends (default 30; 0: never)",
    )
    parser.add_argument("--quiet", action="store_true", help="print the summary only")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
