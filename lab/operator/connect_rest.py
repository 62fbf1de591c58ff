"""The REST interface of a Connect worker, as far as the operator uses it."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from lab.operator.failures import ReconciliationError
from lab.ports import LOOPBACK

_TIMEOUT_SECONDS = 30.0
_PROBE_SECONDS = 2.0
_REBALANCING = 409
_NOT_FOUND = 404
# Connect answers 409 while its workers agree on who does what.
_ATTEMPTS, _PAUSE_SECONDS = 40, 0.25


class ConnectRestError(ReconciliationError):
    """Connect refused a call, or did not answer.

    Attributes:
        status: The HTTP status; 0 if there was no answer.
    """

    def __init__(self, status: int, message: str) -> None:
        self.status = status
        super().__init__("CompletionException", message)


class ConnectRest:
    """One Connect cluster, through the worker at a loopback port."""

    def __init__(self, port: int) -> None:
        self._port = port

    def is_up(self) -> bool:
        """Tell whether the worker knows its connectors."""
        try:
            self._call("GET", "/connectors", timeout=_PROBE_SECONDS)
        except ConnectRestError:
            return False
        return True

    def names(self) -> frozenset[str]:
        """Return the names of all connectors."""
        return frozenset(self._call("GET", "/connectors"))

    def config(self, name: str) -> Mapping[str, str] | None:
        """Return a connector's configuration, or None if there is no such connector."""
        return self._find(f"{_path(name)}/config")

    def create(self, name: str, config: Mapping[str, Any], initial_state: str | None) -> None:
        """Create a connector; one that is to be stopped never runs."""
        body: dict[str, Any] = {"name": name, "config": dict(config)}
        if initial_state is not None:
            body["initial_state"] = initial_state
        self._call("POST", "/connectors", body)

    def reconfigure(self, name: str, config: Mapping[str, Any]) -> None:
        """Give a connector another configuration; it starts anew."""
        self._call("PUT", f"{_path(name)}/config", dict(config))

    def status(self, name: str) -> Mapping[str, Any] | None:
        """Return what Connect says of a connector and its tasks, or None if there is none."""
        return self._find(f"{_path(name)}/status")

    def delete(self, name: str) -> None:
        """Delete a connector; fine if it is gone."""
        try:
            self._call("DELETE", _path(name))
        except ConnectRestError as error:
            if error.status != _NOT_FOUND:
                raise

    def change_state(self, name: str, verb: str) -> None:
        """Send ``pause``, ``resume`` or ``stop``."""
        self._call("PUT", f"{_path(name)}/{verb}")

    def restart(self, name: str, *, include_tasks: bool, only_failed: bool) -> None:
        """Restart a connector."""
        query = f"includeTasks={_java(include_tasks)}&onlyFailed={_java(only_failed)}"
        self._call("POST", f"{_path(name)}/restart?{query}")

    def restart_task(self, name: str, task: int) -> None:
        """Restart one task of a connector."""
        self._call("POST", f"{_path(name)}/tasks/{task}/restart")

    def plugins(self) -> list[Mapping[str, Any]]:
        """Return what the worker can run."""
        return list(self._call("GET", "/connector-plugins"))

    def topics(self, name: str) -> list[str]:
        """Return the topics that a connector has used."""
        return list(self._call("GET", f"{_path(name)}/topics")[name]["topics"])

    def offsets(self, name: str) -> Any:
        """Return a connector's stored offsets."""
        return self._call("GET", f"{_path(name)}/offsets")

    def alter_offsets(self, name: str, offsets: Mapping[str, Any]) -> None:
        """Change stored offsets of a stopped connector."""
        self._call("PATCH", f"{_path(name)}/offsets", offsets)

    def reset_offsets(self, name: str) -> None:
        """Forget all stored offsets of a stopped connector."""
        self._call("DELETE", f"{_path(name)}/offsets")

    def _find(self, path: str) -> Mapping[str, Any] | None:
        try:
            found: Mapping[str, Any] = self._call("GET", path)
        except ConnectRestError as error:
            if error.status == _NOT_FOUND:
                return None
            raise
        return found

    def _call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        timeout: float = _TIMEOUT_SECONDS,
    ) -> Any:
        status, text = self._request(method, path, body, timeout)
        for _ in range(_ATTEMPTS):
            if status != _REBALANCING:
                break
            time.sleep(_PAUSE_SECONDS)
            status, text = self._request(method, path, body, timeout)
        if 200 <= status < 300:  # noqa: PLR2004
            return json.loads(text) if text else None
        raise ConnectRestError(status, _refusal(method, path, status, text))

    def _request(
        self, method: str, path: str, body: Mapping[str, Any] | None, timeout: float
    ) -> tuple[int, str]:
        connection = http.client.HTTPConnection(LOOPBACK, self._port, timeout=timeout)
        try:
            connection.request(
                method,
                path,
                body=None if body is None else json.dumps(body),
                headers={"Content-Type": "application/json", "Accept": "application/json"},
            )
            response = connection.getresponse()
            return response.status, response.read().decode()
        except ConnectionRefusedError as error:
            raise ConnectRestError(0, "java.net.ConnectException") from error
        except (OSError, http.client.HTTPException) as error:
            raise ConnectRestError(0, f"java.io.IOException: {type(error).__name__}") from error
        finally:
            connection.close()


def _path(name: str) -> str:
    # Everything outside letters and digits: a raw '>' in the path is refused by the server.
    return f"/connectors/{quote(name, safe='').replace('-', '%2D')}"


def _java(value: bool) -> str:  # noqa: FBT001 - renders a claim
    return "true" if value else "false"


def _refusal(method: str, path: str, status: int, text: str) -> str:
    try:
        message = json.loads(text)["message"]
    except (ValueError, KeyError, TypeError):
        message = text[:200]
    shown = path.replace("%2D", "-").replace("%3E", ">").partition("?")[0]
    return (
        "io.strimzi.operator.cluster.operator.assembly.ConnectRestException: "
        f"{method} {shown} returned {status} ({status}): {message}"
    )
