"""The samples as a user runs them, against a cluster that librdkafka serves itself."""

from __future__ import annotations

import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka import Consumer, ConsumerGroupTopicPartitions, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.samples.conftest import SAMPLES

IDLE = ("--idle", "3")


def free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def committed(brokers: str, group: str, topic: str) -> int:
    """Return how many records a group has committed, over all partitions."""
    admin = AdminClient({"bootstrap.servers": brokers})
    partitions = [TopicPartition(topic, number) for number in range(4)]
    (future,) = admin.list_consumer_group_offsets(
        [ConsumerGroupTopicPartitions(group, partitions)]
    ).values()
    return sum(max(found.offset, 0) for found in future.result(timeout=10).topic_partitions)


def test_items_that_were_sent_are_received_and_committed(run, brokers):
    sent = run("send_items.py", "10", "--topic", "journey")
    assert (sent.returncode, sent.stderr) == (0, "")
    assert sent.stdout.splitlines()[-1] == "10 sent to journey, 0 failed"
    received = run("receive_items.py", "10", "--topic", "journey", KAFKA_GROUP="journey")
    assert (received.returncode, received.stderr) == (0, "")
    lines = received.stdout.splitlines()
    assert lines[-1] == "10 records, sequence 0 to 9, 0 duplicates, 0 missing"
    assert sum("  sequence " in line and " Store_" in line for line in lines) == 10
    assert committed(brokers, "journey", "journey") == 10


def test_a_sequence_continues_and_a_group_goes_on_where_it_stopped(run):
    run("send_items.py", "5", "--topic", "parts", "--quiet")
    run("receive_items.py", "5", "--topic", "parts", "--quiet", KAFKA_GROUP="parts")
    run("send_items.py", "3", "--topic", "parts", "--quiet", "--start", "5")
    rest = run("receive_items.py", "3", "--topic", "parts", "--quiet", KAFKA_GROUP="parts")
    assert rest.stdout == "3 records, sequence 5 to 7, 0 duplicates, 0 missing\n"


def test_the_classic_group_protocol_is_used_unless_another_is_named(run):
    run("send_items.py", "2", "--topic", "classic", "--quiet")
    received = run(
        "receive_items.py", "2", "--topic", "classic", "--quiet", KAFKA_GROUP_PROTOCOL=None
    )
    assert received.stdout == "2 records, sequence 0 to 1, 0 duplicates, 0 missing\n"


def test_the_topic_and_the_group_come_from_the_documents_variables(run, brokers):
    run("send_items.py", "2", "--quiet", SOURCE_TOPIC="by-variable")
    received = run("receive_items.py", "2", SOURCE_TOPIC="by-variable", KAFKA_GROUP="by-variable")
    assert received.stdout.splitlines()[0].startswith("by-variable[")
    assert committed(brokers, "by-variable", "by-variable") == 2


def test_gaps_duplicates_and_foreign_records_are_told(run, brokers):
    for start in ("0", "4", "4"):
        run("send_items.py", "2", "--topic", "odd", "--quiet", "--start", start)
    producer = Producer({"bootstrap.servers": brokers})
    producer.produce("odd", value=b"not an item")
    producer.flush(10)
    received = run("receive_items.py", *IDLE, "--topic", "odd", "--quiet", KAFKA_GROUP="odd")
    assert received.returncode == 0
    assert received.stdout == (
        "7 records, sequence 0 to 5, 2 duplicates, 2 missing (2-3), 1 without an item\n"
    )


def test_fewer_items_than_asked_for_is_a_failure(run):
    run("send_items.py", "1", "--topic", "few", "--quiet")
    received = run("receive_items.py", "2", *IDLE, "--topic", "few", "--quiet", KAFKA_GROUP="few")
    assert received.returncode == 1
    assert received.stdout == "1 record, sequence 0 to 0, 0 duplicates, 0 missing\n"
    assert received.stderr == "no more came within 3 s\n"


def test_keys_keep_the_items_of_a_store_in_one_partition_and_in_order(run, brokers):
    run("send_items.py", "40", "--topic", "keyed", "--quiet")
    received = run("receive_items.py", "40", "--topic", "keyed", KAFKA_GROUP="keyed")
    by_store: dict[str, list[tuple[str, int]]] = {}
    for line in received.stdout.splitlines()[:-1]:
        place, _, said = line.partition("  sequence ")
        sequence, store = said.split()[:2]
        by_store.setdefault(store, []).append((place.partition("]")[0], int(sequence)))
    assert len(by_store) == 5
    for places in by_store.values():
        assert len({partition for partition, _ in places}) == 1
        assert [sequence for _, sequence in places] == sorted(sequence for _, sequence in places)


@pytest.mark.parametrize("sample", ["send_items.py", "receive_items.py"])
def test_every_missing_variable_is_named_in_one_message(run, sample):
    done = run(
        sample,
        "1",
        KAFKA_BROKERS=None,
        KAFKA_SECURITY_PROTOCOL=None,
        KAFKA_SASL_MECHANISM="GSSAPI",
        KAFKA_PWD="hidden",
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "KAFKA_SASL_MECHANISM is 'GSSAPI': use one of SCRAM-SHA-512, SCRAM-SHA-256, PLAIN",
        (
            "KAFKA_BROKERS is not set: it holds the bootstrap address, for example "
            "kafka.example.com:443"
        ),
        "KAFKA_USER is not set: it holds the name of the user",
        (
            "KAFKA_CERT is not set: it holds the PEM file of the cluster's CA (empty for a public "
            "authority)"
        ),
    ]


def test_a_certificate_that_is_no_file_is_named(run):
    done = run("send_items.py", "1", KAFKA_SECURITY_PROTOCOL="ssl", KAFKA_CERT="nowhere.pem")
    assert (done.returncode, done.stderr) == (
        2,
        "KAFKA_CERT is 'nowhere.pem': there is no such file\n",
    )


def test_a_user_certificate_without_its_key_is_named(run, tmp_path):
    authority, _ = self_signed(tmp_path, "trusted")
    certificate, _ = self_signed(tmp_path, "user")
    done = run(
        "send_items.py",
        "1",
        KAFKA_SECURITY_PROTOCOL="SSL",
        KAFKA_CERT=str(authority),
        KAFKA_USER_CERT=str(certificate),
    )
    assert (done.returncode, done.stderr) == (
        2,
        "KAFKA_USER_KEY is not set: it holds the PEM file of the key of KAFKA_USER_CERT\n",
    )


def test_an_unknown_protocol_is_named_with_those_that_exist(run):
    done = run("send_items.py", "1", KAFKA_SECURITY_PROTOCOL="TLS")
    assert (done.returncode, done.stderr) == (
        2,
        ("KAFKA_SECURITY_PROTOCOL is 'TLS': use one of SASL_SSL, SSL, SASL_PLAINTEXT, PLAINTEXT\n"),
    )


@pytest.mark.parametrize("count", ["-1", "ten", "1.5"])
def test_a_count_that_is_none_is_refused(run, count):
    done = run("send_items.py", "--", count)
    assert done.returncode == 2
    assert f"'{count}' is not a whole number from 0 up" in done.stderr


def test_items_that_are_not_delivered_are_counted(run):
    nobody = f"127.0.0.1:{free_port()}"
    done = run("send_items.py", "7", "--timeout", "1", "--topic", "x", KAFKA_BROKERS=nobody)
    assert done.returncode == 3
    assert done.stdout == "0 sent to x, 7 failed\n"
    errors = done.stderr.splitlines()
    assert errors[:5] == ["not delivered: Local: Message timed out"] * 5
    assert errors[5].startswith("the last trouble was: ")
    assert nobody in errors[5]


def test_a_broker_that_is_not_there_is_named(run):
    nobody = f"127.0.0.1:{free_port()}"
    done = run("receive_items.py", "1", "--idle", "2", "--topic", "x", KAFKA_BROKERS=nobody)
    assert done.returncode == 3
    assert done.stderr.startswith("cannot read from x: ")
    assert nobody in done.stderr


@pytest.mark.parametrize("sample", ["send_items.py", "receive_items.py"])
def test_a_certificate_that_is_none_is_told_without_a_traceback(run, sample, tmp_path):
    certificate = tmp_path / "ca.pem"
    certificate.write_text("no certificate")
    done = run(sample, "1", KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_CERT=str(certificate))
    assert done.returncode == 2
    assert "ssl.ca.location failed" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("sample", ["send_items.py", "receive_items.py"])
def test_a_broker_that_is_not_trusted_ends_the_sample_at_once(run, sample, tmp_path, strangers):
    done = run(
        sample,
        "1",
        KAFKA_BROKERS=strangers,
        KAFKA_SECURITY_PROTOCOL="SASL_SSL",
        KAFKA_USER="rt-inv-dev-user",
        KAFKA_PWD="hidden",
        KAFKA_CERT=str(self_signed(tmp_path, "trusted")[0]),
    )
    assert done.returncode == 3
    assert "certificate verify failed" in done.stderr
    assert "hidden" not in done.stdout + done.stderr


def self_signed(directory: Path, name: str) -> tuple[Path, Path]:
    """Write a certificate that signed itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = directory / f"{name}.crt", directory / f"{name}.key"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


@pytest.fixture
def strangers(tmp_path: Path) -> Iterator[str]:
    """Listen with a certificate that nobody was told to trust."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*self_signed(tmp_path, "stranger"))

    def greet() -> None:
        while True:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            with connected, suppress(OSError):
                context.wrap_socket(connected, server_side=True).close()

    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        greeter = threading.Thread(target=greet)
        greeter.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        listener.shutdown(socket.SHUT_RDWR)
    greeter.join(timeout=10)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_receiver_that_is_told_to_stop_commits_and_says_what_it_had(
    environment, brokers, number, run
):
    name = f"stopped-{number.name.lower()}"
    run("send_items.py", "6", "--topic", name, "--quiet")
    lines = until_stopped(
        ["receive_items.py", "--topic", name, "--idle", "0"],
        {**environment, "KAFKA_GROUP": name},
        number,
        after_lines=6,
    )
    assert lines[-1] == "6 records, sequence 0 to 5, 0 duplicates, 0 missing"
    assert committed(brokers, name, name) == 6


def test_a_sender_that_is_told_to_stop_delivers_what_it_has_begun(environment, brokers):
    lines = until_stopped(
        ["send_items.py", "100000", "--topic", "cut", "--rate", "50"],
        environment,
        signal.SIGINT,
        after_lines=3,
    )
    sent = int(lines[-1].split()[0])
    assert lines[-1] == f"{sent} sent to cut, 0 failed"
    assert 3 <= sent < 100_000
    consumer = Consumer({"bootstrap.servers": brokers, "group.id": "count"})
    ends = [
        consumer.get_watermark_offsets(TopicPartition("cut", n), timeout=10)[1] for n in range(4)
    ]
    consumer.close()
    assert sum(ends) == sent


def until_stopped(
    command: list[str], environment: dict[str, str], number: signal.Signals, *, after_lines: int
) -> list[str]:
    """Run a sample, send a signal once it has printed so much, and return all it printed."""
    process = subprocess.Popen(
        [sys.executable, str(SAMPLES / command[0]), *command[1:]],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    lines = [process.stdout.readline().rstrip() for _ in range(after_lines)]
    process.send_signal(number)
    rest, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + number, "")
    return [*lines, *rest.splitlines()]
