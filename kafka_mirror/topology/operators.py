"""The operator API that serves a site: Strimzi's or IBM Event Streams', and what the latter must be told."""

from __future__ import annotations

import re
from typing import Annotated, Any, Final, Literal, Self

from pydantic import (
    SerializerFunctionWrapHandler,
    StrictBool,
    field_validator,
    model_serializer,
    model_validator,
)

from kafka_mirror.topology.written import Written, text_like

OperatorType = Literal["strimzi", "event-streams"]
OperatorApi = Literal["v1", "v1beta2"]
LicenceUse = Literal[
    "CloudPakForIntegrationProduction",
    "CloudPakForIntegrationNonProduction",
    "CloudPakForIntegrationDisasterRecovery",
    "EventAutomationProduction",
    "EventAutomationNonProduction",
]

FIRST_V1_VERSION: Final = (13, 0, 0)
"""Event Streams 13.0 serves ``eventstreams.ibm.com/v1`` alone; all before serve v1beta2 alone (IBM's support matrix)."""

OLDEST_VERSION: Final = (11, 8, 0)
"""Its base is Strimzi 0.45, the oldest whose definitions the objects of this project are checked against."""

_licence_number: Final = text_like(
    r"L-[A-Z0-9]{4}-[A-Z0-9]{6}",
    "the number of a licence as IBM writes it, for example L-CYBH-K48BZQ",
)
_three_numbers: Final = text_like(
    r"[0-9]+\.[0-9]+\.[0-9]+", "all three numbers of a version of Event Streams, for example 13.0.0"
)


class Licence(Written):
    """Under which licence an Event Streams instance runs; its operator makes nothing without one.

    Attributes:
        accept: That the licence was read and accepted; only ``true`` makes an instance.
        id: The number of the licence.
        use: What was bought; auditors count the instance and its flows by it.
    """

    accept: StrictBool
    id: Annotated[str, _licence_number]
    use: LicenceUse

    @field_validator("accept")
    @classmethod
    def _is_accepted(cls, accept: bool) -> bool:  # noqa: FBT001 - pydantic calls it
        if not accept:
            raise ValueError(
                "found false: the operator makes nothing until the licence is accepted. Read it at "
                "https://ibm.biz/ea-license and write true"
            )
        return accept


class Operator(Written):
    """The operator API that serves the site.

    Attributes:
        type: ``strimzi``, also for AMQ Streams and Streams for Apache Kafka (``kafka.strimzi.io``), or
            ``event-streams`` (``eventstreams.ibm.com``).
        api: ``v1`` from Strimzi 0.49 and Event Streams 13.0 on; ``v1beta2``, with the older layout of a flow, for
            Strimzi 0.45 to 0.51, AMQ Streams 2.9 and 3.0, and Event Streams 11.8 to 12.3.
        version: Of Event Streams, all three numbers.
        licence: Of Event Streams.
    """

    type: OperatorType = "strimzi"
    api: OperatorApi = "v1"
    version: Annotated[str, _three_numbers] | None = None
    licence: Licence | None = None

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.type == "strimzi":
            given = [name for name in ("version", "licence") if getattr(self, name) is not None]
            if given:
                raise ValueError(
                    f"found {' and '.join(given)}: of the operators event-streams alone is told that. Leave "
                    "it out, or write type: event-streams"
                )
            return self
        if self.version is None or self.licence is None:
            missing = " and ".join(
                name for name in ("version", "licence") if getattr(self, name) is None
            )
            raise ValueError(
                f"an operator of type event-streams needs {missing}, for example version: 13.0.0 and licence: "
                "{accept: true, id: L-CYBH-K48BZQ, use: EventAutomationNonProduction}"
            )
        self._check_version(self.version)
        return self

    @model_serializer(mode="wrap")
    def _without_what_is_not_said(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        # What another stack reads of a Strimzi site is what every version of this project reads.
        return {key: value for key, value in write(self).items() if value is not None}

    def _check_version(self, version: str) -> None:
        numbers = tuple(map(int, re.findall(r"[0-9]+", version)))
        if numbers < OLDEST_VERSION:
            raise ValueError(
                f"found version {version}; the oldest Event Streams that can be declared is "
                f"{_dotted(OLDEST_VERSION)}. Upgrade it first"
            )
        served: OperatorApi = "v1" if numbers >= FIRST_V1_VERSION else "v1beta2"
        if self.api != served:
            raise ValueError(
                f"found api {self.api}; Event Streams {version} serves {served} alone. Write api: {served}"
            )


def _dotted(numbers: tuple[int, ...]) -> str:
    return ".".join(map(str, numbers))
