"""The passphrase secrets provider: AES-256-GCM under a key derived from a passphrase.

The same format as Pulumi's (pkg/secrets/passphrase, sdk/go/common/resource/config/crypt.go), so that the CLI reads what
the engine wrote and the reverse. The state of the provider, which Pulumi calls the salt, is
``v1:<base64 salt>:<the word "pulumi", encrypted>``; a ciphertext is ``v1:<base64 nonce>:<base64 text and tag>``.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from engine.errors import PassphraseError, StateError

_ITERATIONS: Final = 1_000_000
_KEY_BYTES: Final = 32
_SALT_BYTES: Final = 8
_NONCE_BYTES: Final = 12
_PROOF: Final = "pulumi"
_HOW = "Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it."


def read_passphrase(environment: Mapping[str, str], *, stack: str) -> str:
    """Return the passphrase of a stack from the environment; an empty one is legal.

    Raises:
        PassphraseError: If neither variable is set or the file cannot be read.
    """
    if "PULUMI_CONFIG_PASSPHRASE" in environment:
        return environment["PULUMI_CONFIG_PASSPHRASE"]
    file = environment.get("PULUMI_CONFIG_PASSPHRASE_FILE")
    if not file:
        raise PassphraseError(f"stack '{stack}' needs a passphrase for its secrets. {_HOW}")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except OSError as error:
        why = error.strerror
    except UnicodeDecodeError:
        # The error itself holds what is in the file.
        why = "it is not text in UTF-8"
    raise PassphraseError(f"stack '{stack}': the passphrase file {file} cannot be read ({why}).")


class PassphraseCrypter:
    """Encrypts and decrypts the secrets of one stack; thread-safe.

    The key is derived once, in the background (a quarter of a second). A value that was decrypted before is encrypted
    to the same ciphertext again, so that an unchanged secret leaves the state unchanged.
    """

    def __init__(self, passphrase: str, salt: str, *, stack: str) -> None:
        """Prepare to use an existing provider state.

        Raises:
            StateError: If `salt` is not in Pulumi's format.
        """
        self.salt = salt
        self._stack = stack
        self._is_verified = False
        self._ciphertexts: dict[str, str] = {}
        version, _, rest = salt.partition(":")
        encoded, _, self._proof = rest.partition(":")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            raw = b""
        if version != "v1" or not raw or not self._proof:
            raise StateError(
                f"stack '{stack}': its encryption salt is not in the passphrase provider's format."
            )
        self._cipher = _derive(passphrase, raw)

    @classmethod
    def create(cls, passphrase: str, *, stack: str) -> Self:
        """Make a new provider state for a stack that has none."""
        raw = secrets.token_bytes(_SALT_BYTES)
        encoded = base64.b64encode(raw).decode()
        proof = _seal(_derive(passphrase, raw).result(), _PROOF)
        return cls(passphrase, f"v1:{encoded}:{proof}", stack=stack)

    def verify(self) -> None:
        """Check the passphrase.

        Raises:
            PassphraseError: If it is not the one this provider state was made with.
        """
        if self._open(self._proof) != _PROOF:
            raise self._wrong()
        self._is_verified = True

    def encrypt(self, plaintext: str) -> str:
        """Return a ciphertext; the known one for a value that was decrypted before."""
        known = self._ciphertexts.get(plaintext)
        if known is None:
            known = _seal(self._cipher.result(), plaintext)
            self._ciphertexts[plaintext] = known
        return known

    def decrypt(self, ciphertext: str) -> str:
        """Return the plaintext.

        Raises:
            PassphraseError: If it was encrypted with another passphrase.
            StateError: If it is damaged: the passphrase was found to be the right one before.
        """
        plaintext = self._open(ciphertext)
        if plaintext is None and self._is_verified:
            raise StateError(
                f"stack '{self._stack}': a secret of it is damaged. Put back a copy of what holds it."
            )
        if plaintext is None:
            raise self._wrong()
        self._ciphertexts.setdefault(plaintext, ciphertext)
        return plaintext

    def _open(self, ciphertext: str) -> str | None:
        version, _, rest = ciphertext.partition(":")
        nonce, _, sealed = rest.partition(":")
        try:
            opened = self._cipher.result().decrypt(
                base64.b64decode(nonce, validate=True),
                base64.b64decode(sealed, validate=True),
                None,
            )
        except (InvalidTag, ValueError):
            return None
        return opened.decode() if version == "v1" else None

    def _wrong(self) -> PassphraseError:
        return PassphraseError(
            f"stack '{self._stack}': the passphrase is not the one its secrets were encrypted with. {_HOW}"
        )


class BlindCrypter:
    """Reads a state without its secrets: each becomes an empty text. It cannot write one."""

    salt = ""

    def encrypt(self, plaintext: str) -> str:
        """Refuse."""
        raise NotImplementedError

    def decrypt(self, ciphertext: str) -> str:
        """Return an empty JSON text."""
        del ciphertext
        return '""'


def _derive(passphrase: str, salt: bytes) -> Future[AESGCM]:
    """Derive the key beside whatever else starts up; hashlib lets other threads run meanwhile."""
    future: Future[AESGCM] = Future()

    def derive() -> None:
        key = hashlib.pbkdf2_hmac("sha256", passphrase.encode(), salt, _ITERATIONS, _KEY_BYTES)
        future.set_result(AESGCM(key))

    threading.Thread(target=derive, name="derive-key", daemon=True).start()
    return future


def _seal(cipher: AESGCM, plaintext: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = cipher.encrypt(nonce, plaintext.encode(), None)
    return f"v1:{base64.b64encode(nonce).decode()}:{base64.b64encode(sealed).decode()}"
