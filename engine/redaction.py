"""Keeps secrets out of what is shown: every secret a run has seen is masked in its messages."""

from __future__ import annotations

import base64
import re
import threading
from collections.abc import Iterable
from typing import Any, Final

from engine.properties import secret_texts

_SHORTEST: Final = 6
_SHORTEST_RANDOM: Final = 12
_MASK: Final = "[secret]"
_TELLING_KEY: Final = re.compile(
    r"pass|pwd|secret|token|key|jaas|credential|private|\.p12|\.jks", re.IGNORECASE
)


class Redactor:
    """The secrets of a run; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._texts: set[str] = set()

    def learn(self, values: Iterable[Any]) -> None:
        """Remember the secrets inside some property values."""
        found: set[str] = set()
        for value in values:
            for key, text in secret_texts(value):
                if not key or _TELLING_KEY.search(key) or _looks_random(text):
                    found.update(_forms(text))
        if found:
            with self._lock:
                self._texts |= found

    def learn_texts(self, texts: Iterable[str]) -> None:
        """Remember texts that are secret."""
        with self._lock:
            for text in texts:
                self._texts.update(_forms(text))

    def masked(self, message: str) -> str:
        """Return the message with every known secret replaced."""
        with self._lock:
            texts = [text for text in self._texts if text in message]
        for text in sorted(texts, key=len, reverse=True):
            message = message.replace(text, _MASK)
        return message


def _looks_random(text: str) -> bool:
    """Tell a password from the names and addresses that may lie beside it in one secret."""
    kinds = (str.islower, str.isupper, str.isdigit)
    return len(text) >= _SHORTEST_RANDOM and all(any(map(kind, text)) for kind in kinds)


def _forms(text: str) -> set[str]:
    """Return a secret as it may turn up: as it is, line by line, and base64 both ways."""
    if len(text) < _SHORTEST:
        return set()
    forms = {text, base64.b64encode(text.encode()).decode()}
    forms.update(line for line in text.splitlines() if len(line) >= 2 * _SHORTEST)
    try:
        decoded = base64.b64decode(text, validate=True).decode()
    except ValueError:
        return forms
    return forms | ({decoded} if len(decoded) >= _SHORTEST else set())
