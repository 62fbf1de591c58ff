"""HTTP to one API server, with the credentials of a kubeconfig context.

Nothing is read and nothing is connected before the first request.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, cast
from urllib.parse import urlencode, urlsplit

import urllib3
import yaml

from kafka_mirror.errors import UnreachableError, UsageError
from kafka_mirror.kubernetes_api.failures import JsonObject, error_from_response

if TYPE_CHECKING:
    from kubernetes.client import ApiClient

_TIMEOUT_SECONDS = 30.0
_CONNECT_TIMEOUT_SECONDS = 10.0
_POOL_SIZE = 64
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
_DEFAULT_KUBECONFIG = "~/.kube/config"


class Connection:
    """Requests to one API server; safe to share between threads.

    Args:
        kubeconfig: A path (several joined as in ``$KUBECONFIG``) or the YAML itself;
            ``$KUBECONFIG`` and then ``~/.kube/config`` by default.
        context: A context of it; the current one by default.
    """

    def __init__(self, *, kubeconfig: str | None, context: str | None) -> None:
        self._kubeconfig = kubeconfig or os.environ.get("KUBECONFIG") or _DEFAULT_KUBECONFIG
        self._context = context
        self._lock = threading.Lock()
        self._loaded: ApiClient | None = None

    @property
    def name(self) -> str:
        """What messages call this cluster."""
        return f"context '{self._context}'" if self._context else "the current kube context"

    @property
    def endpoint(self) -> str:
        """The address of the API server."""
        return str(self._client.configuration.host)

    def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
        content_type: str = "application/json",
    ) -> JsonObject:
        """Send one request and return the JSON object that answers it.

        Raises:
            ApiError: If the server refused.
            UnreachableError: If there was no answer or the credential was refused.
        """
        with self._open(
            method,
            path,
            query=query,
            body=body,
            content_type=content_type,
            timeout=_TIMEOUT_SECONDS,
        ) as response:
            try:
                answer = json.loads(response.data)
            except ValueError as error:
                why = "what answers there does not speak JSON: is it an API server?"
                raise UnreachableError(self.name, self.endpoint, why) from error
        return cast("JsonObject", answer)

    def lines(
        self, path: str, *, query: Mapping[str, str], timeout_seconds: float
    ) -> Iterator[bytes]:
        """Stream the lines of an answer that does not end until the server ends it."""
        with self._open("GET", path, query=query, timeout=timeout_seconds) as response:
            try:
                buffered = b""
                for chunk in response.stream(amt=None, decode_content=False):
                    *whole, buffered = (buffered + chunk).split(b"\n")
                    yield from (line for line in whole if line.strip())
            except urllib3.exceptions.ReadTimeoutError:
                return
            except urllib3.exceptions.HTTPError as error:
                raise self._unreachable(error) from error
            finally:
                # A stream that is given up half-way must not go back into the pool.
                response.close()

    @contextmanager
    def _open(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: JsonObject | None = None,
        content_type: str = "application/json",
        timeout: float,
    ) -> Iterator[urllib3.BaseHTTPResponse]:
        from kubernetes.client.exceptions import ApiException  # noqa: PLC0415 - slow import

        client = self._client
        url = client.configuration.host + path + (f"?{urlencode(query)}" if query else "")
        headers = {
            "Accept": "application/json",
            "Content-Type": content_type,
            **client.default_headers,
        }
        client.update_params_for_auth(headers, [], ["BearerToken"], path, method, body)
        try:
            answer = client.call_api(
                method,
                url,
                header_params=headers,
                body=body,
                _request_timeout=(min(timeout, _CONNECT_TIMEOUT_SECONDS), timeout),
            )
            response = cast("urllib3.BaseHTTPResponse", answer.response)
            if not 200 <= response.status <= 299:  # noqa: PLR2004
                raise error_from_response(
                    response.status,
                    response.reason or "",
                    response.data,
                    what=self.name,
                    endpoint=self.endpoint,
                )
            yield response
        except (urllib3.exceptions.HTTPError, ApiException, OSError) as error:
            raise self._unreachable(error) from error

    def _unreachable(self, error: Exception) -> UnreachableError:
        return UnreachableError(self.name, self.endpoint, _why(error))

    @property
    def _client(self) -> ApiClient:
        with self._lock:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def _load(self) -> ApiClient:
        from kubernetes import client, config  # noqa: PLC0415 - slow import

        # What is tried again is no news; what fails in the end is an error of ours.
        logging.getLogger("urllib3").setLevel(logging.ERROR)
        loading: Any = config
        settings = client.Configuration()
        settings.retries = _Retry(
            total=2, connect=2, read=2, redirect=0, status=0, backoff_factor=0.1
        )
        settings.connection_pool_maxsize = _POOL_SIZE
        source = self._kubeconfig
        try:
            if is_kubeconfig_content(source):
                loading.load_kube_config_from_dict(
                    yaml.safe_load(source), context=self._context, client_configuration=settings
                )
            else:
                _require_file(source)
                loading.load_kube_config(
                    config_file=source,
                    context=self._context,
                    client_configuration=settings,
                    persist_config=False,
                )
        except (
            config.ConfigException,
            yaml.YAMLError,
            KeyError,
            TypeError,
            ValueError,
            OSError,
        ) as error:
            raise UsageError(_kubeconfig_message(source, self._context, error)) from error
        if urlsplit(settings.host).hostname in _LOOPBACK:
            # As kubectl has it: what is on this machine is never behind a proxy.
            settings.proxy = None
        return client.ApiClient(settings)


class _Retry(urllib3.Retry):
    """Asks again after a broken connection; not after silence: one wait is long enough."""

    def increment(
        self,
        method: str | None = None,
        url: str | None = None,
        response: urllib3.BaseHTTPResponse | None = None,
        error: Exception | None = None,
        _pool: Any = None,
        _stacktrace: Any = None,
    ) -> Self:
        """Count a failure, or raise it if it is not worth another try."""
        if isinstance(error, urllib3.exceptions.ReadTimeoutError):
            raise error
        return super().increment(method, url, response, error, _pool, _stacktrace)


def is_kubeconfig_content(kubeconfig: str) -> bool:
    """Tell a kubeconfig given as YAML or JSON, credentials included, from the path of one."""
    return "\n" in kubeconfig or kubeconfig.lstrip().startswith("{")


def _require_file(source: str) -> None:
    if not any(Path(part).expanduser().is_file() for part in source.split(os.pathsep) if part):
        raise UsageError(
            f"There is no kubeconfig at {source}. Set KUBECONFIG to the file that reaches the cluster."
        )


def _kubeconfig_message(source: str, context: str | None, error: Exception) -> str:
    where = "the given kubeconfig" if is_kubeconfig_content(source) else f"kubeconfig {source}"
    names = _context_names(source)
    if context and names is not None and context not in names:
        return f"{where} has no context '{context}' (has {', '.join(names) or 'none'})."
    # The error may quote the file, credentials included: only its kind is told.
    return f"{where} cannot be used ({type(error).__name__}); check it with `kubectl config view`."


def _context_names(source: str) -> list[str] | None:
    texts: list[str] = [source]
    try:
        if not is_kubeconfig_content(source):
            files = [Path(part).expanduser() for part in source.split(os.pathsep) if part]
            texts = [file.read_text(encoding="utf-8") for file in files if file.is_file()]
        documents: list[Any] = [yaml.safe_load(text) for text in texts]
        return sorted(
            context["name"] for document in documents for context in document.get("contexts") or ()
        )
    except (yaml.YAMLError, AttributeError, TypeError, KeyError, ValueError, OSError):
        return None


def _why(error: Exception) -> str:
    """Tell a connection failure without the urllib3 objects in its text."""
    cause: BaseException = error
    if isinstance(error, urllib3.exceptions.MaxRetryError) and error.reason is not None:
        cause = error.reason
    if isinstance(cause, urllib3.exceptions.NewConnectionError):
        return "no connection (is it running?)"
    if isinstance(cause, urllib3.exceptions.TimeoutError | TimeoutError):
        return "no answer in time"
    text = str(getattr(cause, "reason", None) or cause).strip().splitlines()
    return text[-1] if text else type(cause).__name__
