"""The schemas of custom resource definitions, made strict: what they do not name is a mistake."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from jsonschema import Draft202012Validator


def strict(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the JSON schema of a structural OpenAPI schema, in which no unknown field is allowed.

    An API server prunes such fields without a word unless it is asked to be strict.
    """
    result = {key: value for key, value in schema.items() if not key.startswith("x-kubernetes-")}
    if schema.get("x-kubernetes-int-or-string"):
        result.pop("anyOf", None)
        result["type"] = ["integer", "string"]
    if "properties" in schema:
        result["properties"] = {name: strict(one) for name, one in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            result.setdefault("additionalProperties", False)
    if "items" in schema:
        result["items"] = strict(schema["items"])
    if isinstance(schema.get("additionalProperties"), Mapping):
        result["additionalProperties"] = strict(schema["additionalProperties"])
    if schema.get("nullable"):
        return {"anyOf": [result, {"type": "null"}]}
    return result


class CrdSchemas:
    """The strict schemas of all definitions, by API version and kind."""

    def __init__(self, definitions: Iterable[Mapping[str, Any]]) -> None:
        self._validators = {
            (f"{one['spec']['group']}/{version['name']}", one["spec"]["names"]["kind"]): (
                Draft202012Validator(strict(version["schema"]["openAPIV3Schema"]))
            )
            for one in definitions
            for version in one["spec"]["versions"]
        }

    def problems_of_event_streams(self, manifest: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with an object of IBM's, of which no definition is published.

        Every kind is checked as Strimzi's of the same name; of an EventStreams the Kafka and the pools inside.
        """
        version = manifest["apiVersion"].removeprefix("eventstreams.ibm.com/")
        strimzi = {**manifest, "apiVersion": f"kafka.strimzi.io/{version}"}
        if manifest["kind"] != "EventStreams":
            return self.problems(strimzi)
        inside = dict(manifest["spec"]["strimziOverrides"])
        pools = [
            {
                **strimzi,
                "kind": "KafkaNodePool",
                "spec": {k: v for k, v in pool.items() if k != "name"},
            }
            for pool in inside.pop("nodePools")
        ]
        objects = [{**strimzi, "kind": "Kafka", "spec": inside}, *pools]
        return [problem for one in objects for problem in self.problems(one)]

    def problems(self, manifest: Mapping[str, Any]) -> list[str]:
        """Return what is wrong with an object, each with its path."""
        validator = self._validators[manifest["apiVersion"], manifest["kind"]]
        return [f"{one.json_path}: {one.message}" for one in validator.iter_errors(manifest)]
