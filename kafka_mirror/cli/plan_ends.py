"""How ``kafka-mirror plan`` tells what a flow logs in with at its ends, whom it trusts, and what others must grant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kafka_mirror.planning import CertificateLogin, EndPlan, FlowPlan, Login, Right, Trust


def end_rows(flow: FlowPlan) -> list[tuple[str, str, str]]:
    """Return how each end of a flow is reached: what, its value, and who sees to it."""
    return [row for end in (flow.source, flow.target) for row in _rows(end)]


def _rows(end: EndPlan) -> list[tuple[str, str, str]]:
    rows = [
        (f"logs in at {end.site}", *_login_told(end.login)),
        (f"trusts {end.site} by", *_trust_told(end.trust)),
    ]
    if end.asks:
        rights = "\n".join(map(str, end.asks))
        rows.append(
            (f"needs at {end.site}", rights, "ask its owner: nothing here grants rights there")
        )
    return rows


def _login_told(login: Login) -> tuple[str, str]:
    if isinstance(login, CertificateLogin):
        by = "issued by the User Operator there" if login.is_issued else "made by others"
        return f"with the certificate in Secret {login.secret}", by
    held = login.password
    by = (
        "written by this stack for the flow" if held.is_made else "there already, or made by others"
    )
    return f"as {login.username} ({login.mechanism}), password in Secret {held.secret}", by


def _trust_told(trust: Trust | None) -> tuple[str, str]:
    if trust is None:
        return "nothing", "no TLS: whoever is on the way reads everything"
    if trust.secret is None:
        return "public authorities", "those that the Java of the workers knows"
    by = (
        "written by this stack for the flow"
        if trust.is_made
        else "there already, or made by others"
    )
    return f"{trust.key} of Secret {trust.secret}", by


def end_facts(end: EndPlan, right_facts: Callable[[Right], dict[str, Any]]) -> dict[str, Any]:
    """Return the same for a program; `right_facts` says a right."""
    return {
        "site": end.site,
        "listener": end.listener,
        "user": end.user,
        "login": _login_facts(end.login),
        "trust": None
        if end.trust is None
        else {"secret": end.trust.secret, "key": end.trust.secret and end.trust.key},
        "asks": [right_facts(right) for right in end.asks],
    }


def _login_facts(login: Login) -> dict[str, Any]:
    if isinstance(login, CertificateLogin):
        return {
            "mechanism": "tls",
            "secret": login.secret,
            "certificate": login.certificate,
            "key": login.key,
        }
    return {
        "mechanism": login.mechanism,
        "username": login.username,
        "secret": login.password.secret,
        "key": login.password.key,
    }
