"""Lets the stand-in's own code make what was recorded of a Kafka cluster, as it was recorded."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from lab.operator import authorities, cluster_secrets
from lab.operator.broker_properties import bootstrap_service, render_broker_properties
from lab.operator.cluster_model import model_of
from lab.operator.cluster_secrets import Authority
from lab.operator.kafka_status import kafka_fields, pool_fields, storage_warnings
from lab.operator.status import ready, status_of
from tests.lab.operator import recordings
from tests.lab.operator.as_run import node_as_run
from tests.lab.operator.replay import NOW, describe


@cache
def cluster_artefacts(case: Path) -> dict[str, Any]:
    """Return what the stand-in makes of the case, by the file it was recorded in."""
    kafka = recordings.resource(case, "Kafka")
    pool = recordings.resource(case, "KafkaNodePool")
    model = model_of(kafka, [pool])
    cluster, clients = (
        authorities.new_authority(f"{kind}-ca v0", now=NOW) for kind in ("cluster", "clients")
    )
    secrets = [
        *cluster_secrets.authority_secrets(
            kafka, "cluster", Authority(identity=cluster), password="pw"
        ),
        *cluster_secrets.authority_secrets(
            kafka, "clients", Authority(identity=clients), password="pw"
        ),
        cluster_secrets.operator_secret(kafka, cluster),
        cluster_secrets.node_secret(kafka, model.nodes[0], cluster),
        cluster_secrets.trust_bundle(
            kafka,
            cluster=Authority(identity=cluster),
            clients=Authority(identity=clients),
        ),
    ]
    fields = kafka_fields(
        model,
        cluster_id="<cluster id>",
        certificate="<cluster CA certificate, PEM>",
        addresses={
            listener.name: [(bootstrap_service(model), listener.port)]
            for listener in model.listeners
        },
    )
    conditions = [*storage_warnings(model, [pool]), ready()]
    pool_status = pool_fields(model, pool, cluster_id="<cluster id>")
    return {
        "server.properties": render_broker_properties(model, model.nodes[0]),
        "run server.properties": node_as_run(model),
        "objects.yaml": [_described(secret) for secret in secrets],
        "status.yaml": {
            f"Kafka/{kafka['metadata']['name']}": {
                "annotations": None,
                "status": status_of(kafka, conditions, now=NOW, fields=fields),
            },
            f"KafkaNodePool/{pool['metadata']['name']}": {
                "annotations": None,
                "status": status_of(pool, [], now=NOW, fields=pool_status),
            },
        },
    }


def _described(secret: dict[str, Any]) -> dict[str, Any]:
    described = describe(secret)
    return {
        "annotationKeys": sorted(secret["metadata"].get("annotations") or {}),
        "keys": sorted(secret["data"]),
        **{key: described[key] for key in ("kind", "labels", "name")},
        "owner": described["ownerReferences"],
    }
