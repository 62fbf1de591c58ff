"""A login by a password as a Kafka client is told of it, with a placeholder for the password."""

from __future__ import annotations

from typing import Final

from kafka_mirror.planning import PasswordLogin

_SCRAM: Final = "org.apache.kafka.common.security.scram.ScramLoginModule"
_MODULES: Final = {
    "scram-sha-512": _SCRAM,
    "scram-sha-256": _SCRAM,
    "plain": "org.apache.kafka.common.security.plain.PlainLoginModule",
}


def password_settings(login: PasswordLogin, placeholder: str, *, tls: bool) -> dict[str, str]:
    """Return the settings of a client.

    Args:
        login: As whom and by which mechanism.
        placeholder: What a provider of the client's configuration puts the password in place of.
        tls: Whether the connection is encrypted.
    """
    module = _MODULES[login.mechanism]
    return {
        "security.protocol": "SASL_SSL" if tls else "SASL_PLAINTEXT",
        "sasl.mechanism": login.mechanism.upper(),
        "sasl.jaas.config": f'{module} required username="{login.username}" password="{placeholder}";',
    }
