"""Quotas of users, asked and set over Kafka's own protocol: the client library has no calls for them.

Two requests in their first version, DescribeClientQuotas and AlterClientQuotas (KIP-546), each over a connection of its own.
"""

from __future__ import annotations

import io
import socket
import ssl
import struct
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from kafka_mirror.errors import UnreachableError
from lab.files import write_text
from lab.operator.authorities import Identity
from lab.operator.failures import ReconciliationError

_DESCRIBE, _ALTER = 48, 49
_ANY_NAME = 2
_SECONDS = 15.0
_CLIENT = "operator"
_Item = TypeVar("_Item")


class QuotaClient:
    """One cluster. Every call raises ``UnreachableError`` when no broker answers.

    Args:
        bootstrap: Host and port of each broker.
        trusted: The certificates to believe, PEM.
        identity: What the client proves itself with.
    """

    def __init__(self, bootstrap: str, *, trusted: str, identity: Identity) -> None:
        self._bootstrap, self._trusted, self._identity = bootstrap, trusted, identity

    def of_users(self) -> dict[str, dict[str, float]]:
        """Return the quotas of every user that has any; not those of all users, nor of single clients of one."""
        component = _string("user") + struct.pack(">bh", _ANY_NAME, -1)
        answer = self._ask(_DESCRIBE, struct.pack(">i", 1) + component + b"\x01")
        answer.skip_throttle()
        self._check(answer)
        found = {}
        for _ in range(answer.int32()):
            name = dict(answer.array(answer.entity))["user"]
            found[name] = dict(answer.array(answer.quota))
        return {name: quotas for name, quotas in found.items() if name}

    def alter(self, user: str, changed: Mapping[str, float | None]) -> None:
        """Set quotas of a user, or take away those that are None; others stay.

        Raises:
            ReconciliationError: The broker refused, in its words.
        """
        operations = b"".join(
            _string(key) + struct.pack(">d?", value or 0.0, value is None)
            for key, value in sorted(changed.items())
        )
        entity = struct.pack(">i", 1) + _string("user") + _string(user)
        body = struct.pack(">i", 1) + entity + struct.pack(">i", len(changed)) + operations
        answer = self._ask(_ALTER, body + b"\x00")
        answer.skip_throttle()
        for _ in range(answer.int32()):
            self._check(answer)
            answer.array(answer.entity)

    def _check(self, answer: _Reader) -> None:
        code, message = answer.int16(), answer.string()
        if code:
            raise ReconciliationError("KafkaError", message or f"error {code}")

    def _ask(self, api: int, body: bytes) -> _Reader:
        request = struct.pack(">hhi", api, 0, 1) + _string(_CLIENT) + body
        why = ""
        for address in self._bootstrap.split(","):
            try:
                return _Reader(self._exchange(address, struct.pack(">i", len(request)) + request))
            except OSError as error:
                why = f"{type(error).__name__}: {error}"
        raise UnreachableError("the Kafka cluster", self._bootstrap, why)

    def _exchange(self, address: str, request: bytes) -> bytes:
        host, _, port = address.rpartition(":")
        context = self._tls()
        with (
            socket.create_connection((host, int(port)), timeout=_SECONDS) as plain,
            context.wrap_socket(plain, server_hostname=host) as connection,
            connection.makefile("rb") as answers,
        ):
            connection.sendall(request)
            size = answers.read(4)
            answer = answers.read(struct.unpack(">i", size)[0]) if len(size) == 4 else b""  # noqa: PLR2004
        if len(answer) < 4:  # noqa: PLR2004 - the number of the request
            raise ConnectionError("the broker hung up")
        return answer[4:]

    def _tls(self) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.load_verify_locations(cadata=self._trusted)
        # Python reads a key from a file alone.
        with tempfile.TemporaryDirectory(prefix="quotas-") as scratch:
            file = Path(scratch) / "identity.pem"
            write_text(file, f"{self._identity.certificate}\n{self._identity.key}")
            context.load_cert_chain(file)
        return context


class _Reader:
    """Reads an answer from its beginning to its end."""

    def __init__(self, content: bytes) -> None:
        self._content = io.BytesIO(content)

    def int16(self) -> int:
        return int(self._unpack(">h"))

    def int32(self) -> int:
        return int(self._unpack(">i"))

    def string(self) -> str | None:
        length = self.int16()
        return None if length < 0 else self._content.read(length).decode()

    def skip_throttle(self) -> None:
        self.int32()

    def entity(self) -> tuple[str, str]:
        return self.string() or "", self.string() or ""

    def quota(self) -> tuple[str, float]:
        return self.string() or "", float(self._unpack(">d"))

    def array(self, read: Callable[[], _Item]) -> list[_Item]:
        return [read() for _ in range(self.int32())]

    def _unpack(self, form: str) -> float:
        value: float = struct.unpack(form, self._content.read(struct.calcsize(form)))[0]
        return value


def _string(text: str) -> bytes:
    encoded = text.encode()
    return struct.pack(">h", len(encoded)) + encoded
