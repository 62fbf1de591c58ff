"""Which listener of a site a flow uses: one it can reach, with TLS where there is a choice."""

from __future__ import annotations

from collections.abc import Mapping

from kafka_mirror.topology import DescribedListener
from kafka_mirror.topology.authentication import ExternalAuthentication
from kafka_mirror.topology.paths import nearest


def choose_listener(
    listeners: Mapping[str, DescribedListener],
    *,
    wanted: str | None,
    from_inside: bool,
    authentication: ExternalAuthentication | None = None,
) -> str:
    """Return the name of the listener.

    Args:
        listeners: Of the site, by name.
        wanted: What the flow asks for; only this one will do.
        from_inside: Whether the flow runs in the site's own Kubernetes cluster, where an internal
            listener is nearer than one that leads out.
        authentication: What it has to ask for, so that the flow's user gets in; anything if absent.

    Raises:
        LookupError: If no listener will do; the message says what is there.
    """
    offered = ", ".join(f"{name} ({one.type})" for name, one in sorted(listeners.items()))
    if wanted is not None:
        if wanted not in listeners:
            hint = nearest(wanted, listeners)
            raise LookupError(f"no listener {wanted!r} (has {offered or 'none'}).{hint}")
        if not _asks(listeners[wanted], authentication):
            asked = listeners[wanted].authentication
            raise LookupError(
                f"a listener {wanted!r} that asks for {asked}, and the flow's user there has {authentication}. Take "
                "another listener, or another user"
            )
        return wanted
    asking = {name: one for name, one in listeners.items() if _asks(one, authentication)}
    if listeners and not asking:
        raise LookupError(
            f"no listener that asks for {authentication}, which is what the flow's user there has. Take another user, "
            "or give the site such a listener"
        )
    reachable = [name for name, one in asking.items() if from_inside or one.type != "internal"]
    if not reachable:
        raise LookupError(
            f"no listener that can be reached from outside its cluster (has {offered or 'none'}). "
            "Add one of type route, loadbalancer or ingress"
        )
    return min(
        reachable,
        # The name decides last: a description read back from a state is in another order.
        key=lambda name: (
            not listeners[name].tls,
            (listeners[name].type == "internal") != from_inside,
            # Strimzi's certificates hold no node address, so a client cannot verify the host there.
            listeners[name].type == "nodeport",
            name,
        ),
    )


def _asks(listener: DescribedListener, authentication: ExternalAuthentication | None) -> bool:
    return authentication is None or listener.authentication == authentication
