"""How the samples reach Kafka: from the environment variables to a client, and what goes wrong.

======================= ================================================= =============
variable                what it holds                                     if not set
======================= ================================================= =============
KAFKA_BROKERS           bootstrap addresses, ``host:port,host:port``      needed
KAFKA_SECURITY_PROTOCOL SASL_SSL, SSL, SASL_PLAINTEXT or PLAINTEXT        SASL_SSL
KAFKA_SASL_MECHANISM    SCRAM-SHA-512, SCRAM-SHA-256 or PLAIN             SCRAM-SHA-512
KAFKA_USER, KAFKA_PWD   the login                                         needed (SASL)
KAFKA_CERT              the PEM file of the cluster's CA; empty for a     needed (TLS)
                        certificate of a public authority
KAFKA_USER_CERT,        the PEM files of the user's certificate and of    no certificate
KAFKA_USER_KEY          its key, for brokers that ask for one             is shown
SOURCE_TOPIC            the topic                                         items
KAFKA_GROUP             the consumer group                                ItemConsumer
KAFKA_GROUP_PROTOCOL    classic, or consumer (brokers from Kafka 4 on)    classic
======================= ================================================= =============
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final, TypeVar

from confluent_kafka import KafkaError, KafkaException

PROTOCOLS: Final = ("SASL_SSL", "SSL", "SASL_PLAINTEXT", "PLAINTEXT")
GROUP_PROTOCOLS: Final = ("classic", "consumer")
MECHANISMS: Final = ("SCRAM-SHA-512", "SCRAM-SHA-256", "PLAIN")

EXIT_FAILED: Final = 1
EXIT_USAGE: Final = 2
EXIT_UNREACHABLE: Final = 3

Client = TypeVar("Client")

_MEANINGS: Final = {
    "KAFKA_BROKERS": "the bootstrap address, for example kafka.example.com:443",
    "KAFKA_USER": "the name of the user",
    "KAFKA_PWD": "the password of the user",
    "KAFKA_CERT": "the PEM file of the cluster's CA (empty for a public authority)",
    "KAFKA_USER_CERT": "the PEM file of the user's certificate, which belongs to KAFKA_USER_KEY",
    "KAFKA_USER_KEY": "the PEM file of the key of KAFKA_USER_CERT",
}


class EnvironmentVariableError(Exception):
    """The environment does not say how to connect; the text names every variable concerned."""


def client_settings(environment: Mapping[str, str]) -> dict[str, object]:
    """Return what a client of librdkafka needs to connect.

    Raises:
        EnvironmentVariableError: If a variable is missing or cannot be used. Never tells the password.
    """
    problems = list(_problems(environment))
    if problems:
        raise EnvironmentVariableError("\n".join(problems))
    protocol = _protocol(environment)
    settings: dict[str, object] = {
        "bootstrap.servers": environment["KAFKA_BROKERS"],
        "security.protocol": protocol,
        # What goes wrong is told by the sample itself, in one line.
        "log_level": 2,
    }
    if "SASL" in protocol:
        settings["sasl.mechanism"] = _mechanism(environment)
        settings["sasl.username"] = environment["KAFKA_USER"]
        settings["sasl.password"] = environment["KAFKA_PWD"]
    if "SSL" in protocol and environment["KAFKA_CERT"]:
        settings["ssl.ca.location"] = environment["KAFKA_CERT"]
    if "SSL" in protocol and environment.get("KAFKA_USER_CERT"):
        settings["ssl.certificate.location"] = environment["KAFKA_USER_CERT"]
        settings["ssl.key.location"] = environment["KAFKA_USER_KEY"]
    return settings


def topic(environment: Mapping[str, str]) -> str:
    """Return the topic to work on."""
    return environment.get("SOURCE_TOPIC") or "items"


def group_settings(environment: Mapping[str, str]) -> dict[str, object]:
    """Return what a consumer needs to read as a group."""
    return {
        "group.id": environment.get("KAFKA_GROUP") or "ItemConsumer",
        "group.protocol": (environment.get("KAFKA_GROUP_PROTOCOL") or GROUP_PROTOCOLS[0]).lower(),
    }


def whole_number(text: str) -> int:
    """Read an argument that counts something.

    Raises:
        ArgumentTypeError: If it is no whole number from 0 up.
    """
    if not (text.isascii() and text.isdigit()):
        message = f"'{text}' is not a whole number from 0 up"
        raise argparse.ArgumentTypeError(message)
    return int(text)


def opened(client: Callable[[dict[str, object]], Client], settings: dict[str, object]) -> Client:
    """Make a client; no connection is made yet.

    Raises:
        EnvironmentVariableError: If librdkafka refuses a setting, for example an unreadable CA.
    """
    try:
        return client(settings)
    except KafkaException as error:
        raise EnvironmentVariableError(reason(error)) from error


def reason(error: KafkaException) -> str:
    """Return the client's own words for what failed."""
    return str(error.args[0].str())


class Troubles:
    """What a client reports about its connections, kept for the moment it matters.

    A broker that is down comes back; a refused login or certificate does not, and ends the sample.
    """

    def __init__(self) -> None:
        self.last = ""
        self.is_final = False

    def __call__(self, error: KafkaError) -> None:
        """Take one report of the client (``error_cb``)."""
        is_vague = error.code() == KafkaError._ALL_BROKERS_DOWN  # noqa: SLF001
        if self.is_final or (is_vague and self.last):
            # The report before this one says why.
            return
        self.last = error.str()
        if error.code() in (KafkaError._AUTHENTICATION, KafkaError._SSL):  # noqa: SLF001
            self.is_final = True


def _problems(environment: Mapping[str, str]) -> Iterator[str]:
    protocol, mechanism = _protocol(environment), _mechanism(environment)
    if protocol not in PROTOCOLS:
        yield f"KAFKA_SECURITY_PROTOCOL is '{protocol}': use one of {', '.join(PROTOCOLS)}"
    if mechanism not in MECHANISMS:
        yield f"KAFKA_SASL_MECHANISM is '{mechanism}': use one of {', '.join(MECHANISMS)}"
    for name in ("KAFKA_BROKERS", *(("KAFKA_USER", "KAFKA_PWD") if "SASL" in protocol else ())):
        if not environment.get(name):
            yield f"{name} is not set: it holds {_MEANINGS[name]}"
    if "SSL" in protocol.removeprefix("SASL_"):
        yield from _certificate_problems(environment.get("KAFKA_CERT"))
        yield from _user_certificate_problems(environment)


def _certificate_problems(certificate: str | None) -> Iterator[str]:
    if certificate is None:
        yield f"KAFKA_CERT is not set: it holds {_MEANINGS['KAFKA_CERT']}"
    elif certificate and not Path(certificate).is_file():
        yield f"KAFKA_CERT is '{certificate}': there is no such file"


def _user_certificate_problems(environment: Mapping[str, str]) -> Iterator[str]:
    files = {name: environment.get(name) for name in ("KAFKA_USER_CERT", "KAFKA_USER_KEY")}
    for name, file in files.items():
        if file and not Path(file).is_file():
            yield f"{name} is '{file}': there is no such file"
        elif not file and any(files.values()):
            yield f"{name} is not set: it holds {_MEANINGS[name]}"


def _protocol(environment: Mapping[str, str]) -> str:
    return (environment.get("KAFKA_SECURITY_PROTOCOL") or PROTOCOLS[0]).upper()


def _mechanism(environment: Mapping[str, str]) -> str:
    return (environment.get("KAFKA_SASL_MECHANISM") or MECHANISMS[0]).upper()
