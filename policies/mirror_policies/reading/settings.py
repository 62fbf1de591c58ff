"""What a setting of Kafka means, whoever wrote it and however."""

from __future__ import annotations

from mirror_policies.fields import Field


def is_true(setting: Field, *, default: bool) -> bool | None:
    """Return what a yes-or-no setting says; None if that is not known or not readable."""
    if setting.is_absent:
        return default
    return {"true": True, "false": False}.get((setting.text or "").strip().lower())


def number(setting: Field, *, default: int) -> int | None:
    """Return what a whole-number setting says; None if that is not known or not readable."""
    return default if setting.is_absent else setting.integer
