"""The passphrase provider. The vector was made with OpenSSL's PBKDF2, a million rounds, salt ``saltsalt``."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.encryption import PassphraseCrypter, read_passphrase
from engine.errors import PassphraseError, StateError

SALT = "v1:c2FsdHNhbHQ=:v1:MDEyMzQ1Njc4OWFi:I4VfnDqqCTjN8hmGQuEsb9JuJSGBHQ=="
CIPHERTEXT = "v1:YmE5ODc2NTQzMjEw:oZcwZ/9BYEOIc6IugFEGqKDo1W5XJCRhHzs/"


def test_a_known_ciphertext_is_read_with_the_whole_derivation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.encryption._ITERATIONS", 1_000_000)
    crypter = PassphraseCrypter("correct horse", SALT, stack="dev")
    crypter.verify()
    assert crypter.decrypt(CIPHERTEXT) == '"tr0ub4dor"'


def test_an_unchanged_secret_keeps_its_ciphertext() -> None:
    crypter = PassphraseCrypter.create("p", stack="dev")
    first = crypter.encrypt("one")
    again = PassphraseCrypter("p", crypter.salt, stack="dev")
    assert again.encrypt("one") != first
    third = PassphraseCrypter("p", crypter.salt, stack="dev")
    assert third.encrypt(third.decrypt(first)) == first


def test_the_wrong_passphrase_is_told() -> None:
    salt = PassphraseCrypter.create("right", stack="dev").salt
    with pytest.raises(PassphraseError) as refused:
        PassphraseCrypter("wrong", salt, stack="dev").verify()
    assert str(refused.value) == (
        "stack 'dev': the passphrase is not the one its secrets were encrypted with. "
        "Set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE to a file that holds it."
    )


@pytest.mark.parametrize("ciphertext", ["", "v1:x", "v2:AAAA:AAAA", "v1:AAAAAAAAAAAAAAAA:AAAA"])
def test_what_is_no_ciphertext_is_told(ciphertext: str) -> None:
    crypter = PassphraseCrypter.create("p", stack="dev")
    with pytest.raises(PassphraseError):
        crypter.decrypt(ciphertext)


@pytest.mark.parametrize("salt", ["v2:c2FsdA==:v1:a:b", "v1:%%%:v1:a:b", "v1:c2FsdA=="])
def test_a_salt_in_another_form_is_told(salt: str) -> None:
    with pytest.raises(StateError, match="its encryption salt is not in the passphrase"):
        PassphraseCrypter("p", salt, stack="dev")


def test_the_passphrase_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_text("from a file\n")
    assert read_passphrase({"PULUMI_CONFIG_PASSPHRASE": ""}, stack="dev") == ""
    assert (
        read_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}, stack="dev") == "from a file"
    )
    with pytest.raises(PassphraseError) as refused:
        read_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": "/not/there"}, stack="dev")
    assert str(refused.value) == (
        "stack 'dev': the passphrase file /not/there cannot be read (No such file or directory)."
    )


def test_a_passphrase_file_that_is_no_text_is_told_without_what_is_in_it(tmp_path: Path) -> None:
    file = tmp_path / "passphrase"
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(PassphraseError) as refused:
        read_passphrase({"PULUMI_CONFIG_PASSPHRASE_FILE": str(file)}, stack="dev")
    assert str(refused.value) == (
        f"stack 'dev': the passphrase file {file} cannot be read (it is not text in UTF-8)."
    )
    assert refused.value.__context__ is None
