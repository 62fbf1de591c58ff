"""A namespace in which flows run, and no Kafka."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from components.kubernetes_object import CoreObject
from kafka_mirror.planning import Place


class Workplace(pulumi.ComponentResource):
    """The provider of a cluster and, if asked for, the namespace."""

    def __init__(self, place: Place, opts: pulumi.ResourceOptions | None = None) -> None:
        """Declare the place under the names of its cluster and namespace."""
        name = f"{place.context}-{place.namespace}"
        super().__init__("kafka-mirror:index:Workplace", name, None, opts)
        self.namespace = place.namespace
        self.provider = kubernetes.Provider(
            name,
            context=place.context,
            cluster_identifier=name,
            enable_secret_mutable=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.ready: list[pulumi.Resource] = []
        if place.create_namespace:
            options = pulumi.ResourceOptions(parent=self, provider=self.provider)
            self.ready = [
                CoreObject(name, "Namespace", metadata={"name": place.namespace}, opts=options)
            ]
        self.register_outputs({})
