"""Which provider and which handler a resource has, and which cluster that leads to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.handlers import (
    BuiltinProviderHandler,
    Handler,
    KubernetesProviderHandler,
    StashHandler,
    WrongInputError,
)
from engine.kubernetes_objects import KubernetesHandler
from engine.references import TYPE as STACK_REFERENCE
from engine.registration import Goal
from engine.urns import make_urn

_PROVIDERS: Final = "pulumi:providers:"
_STASH: Final = "pulumi:index:Stash"
_TOKEN_COLONS: Final = 2


def handler_of(type_: str) -> Handler:
    """Return the handler of a type.

    Raises:
        WrongInputError: If the type is not served.
    """
    if type_ == f"{_PROVIDERS}kubernetes":
        return KubernetesProviderHandler()
    if type_ == f"{_PROVIDERS}pulumi":
        return BuiltinProviderHandler()
    if type_.startswith(_PROVIDERS):
        raise WrongInputError(
            f"providers of package '{type_.removeprefix(_PROVIDERS)}' are not served"
        )
    if type_ in {_STASH, STACK_REFERENCE}:
        return StashHandler()
    if type_.startswith("kubernetes:") and type_.count(":") == _TOKEN_COLONS:
        return KubernetesHandler()
    raise WrongInputError(f"resources of type '{type_}' are not served by this engine")


def default_provider(goal: Goal, config: Mapping[str, str], *, project: str, stack: str) -> Goal:
    """Return the default provider of a resource that names none.

    Raises:
        WrongInputError: If the configuration forbids default providers for the package.
    """
    package = goal.package
    if package != "pulumi" and _is_disabled(package, config):
        raise WrongInputError(
            "it has no provider, and pulumi:disable-default-providers forbids the default one. "
            f"Give it a {package} provider, or a parent that has one"
        )
    name = f"default_{goal.version.replace('.', '_')}" if goal.version else "default"
    type_ = f"{_PROVIDERS}{package}"
    prefix = f"{package}:"
    inputs = {
        key.removeprefix(prefix): value
        for key, value in config.items()
        if key.startswith(prefix) and package != "pulumi"
    }
    return Goal(
        urn=make_urn(project=project, stack=stack, parent="", type_=type_, name=name),
        type=type_,
        name=name,
        custom=True,
        version=goal.version,
        inputs=inputs,
    )


def _is_disabled(package: str, config: Mapping[str, str]) -> bool:
    listed = config.get("pulumi:disable-default-providers", "")
    return any(name in listed for name in (f'"{package}"', '"*"'))
