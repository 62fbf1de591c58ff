"""Turns KafkaMirrorMaker2 objects into Connect workers and their connectors."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from kafka_mirror.kubernetes_api import JsonObject
from lab.operator import journal
from lab.operator.connect_workers import ConnectWorkers
from lab.operator.connector_requests import Answers, still_asked
from lab.operator.connector_sync import NeverEndingError, is_settled
from lab.operator.context import Context
from lab.operator.mirror_maker_round import carry_out
from lab.operator.objects import is_paused
from lab.operator.second_looks import SecondLooks
from lab.operator.work_queue import Key
from lab.operator.worker_kinds import MIRROR_MAKER
from lab.operator.worker_status import Outcome, paused_worker_status, worker_status


class MirrorMakerReconciler:
    """Keeps MirrorMaker 2 workers and their connectors as declared."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._workers = ConnectWorkers(context, MIRROR_MAKER)
        self._looks = SecondLooks(context.queue)
        # Resources whose reconciliation would never end, by uid: nothing more is done for them until the operator starts anew.
        self._endless: set[str] = set()

    def reconcile(self, key: Key) -> None:
        """Make one MirrorMaker 2 as declared, and say in its status how that went."""
        context = self._context
        resource = context.site(key).store.get(MIRROR_MAKER.kind, key.namespace, key.name)
        if resource is None:
            self._workers.tear_down(key)
            return
        if resource["metadata"]["uid"] in self._endless:
            return
        if is_paused(resource):
            status = paused_worker_status(resource, now=context.now())
            context.write_status(key, resource, status)
            return
        try:
            outcome = self._carry_out(key, resource)
        except NeverEndingError as error:
            journal.warn("asks for ever", object=key, why=str(error))
            self._endless.add(resource["metadata"]["uid"])
            return
        if outcome.failure is not None:
            reason, message = outcome.failure.reason, outcome.failure.message
            journal.warn("not ready", object=key, reason=reason, message=message)
        self._write_answers(key, resource, outcome.answers)
        context.write_status(key, resource, worker_status(resource, outcome, now=context.now()))
        self._looks.after(key, is_settled=is_settled(outcome.connectors))

    def _carry_out(self, key: Key, resource: JsonObject) -> Outcome:
        context = self._context

        def read_config_map(name: str) -> Mapping[str, str] | None:
            found = context.site(key).api.find("v1", "ConfigMap", name, key.namespace)
            return None if found is None else found.get("data") or {}

        return carry_out(
            resource,
            run_workers=partial(self._workers.run, key, resource),
            localise=self._workers.localiser(key),
            read_config_map=read_config_map,
            now=context.now(),
        )

    def _write_answers(self, key: Key, resource: JsonObject, answers: Answers) -> None:
        for obj in answers.objects:
            self._context.apply(key, obj)
        if not answers.carried_out:
            return
        journal.note("requests carried out", object=key, which=",".join(answers.carried_out))
        present = self._context.site(key).api.find(
            resource["apiVersion"], MIRROR_MAKER.kind, key.name, key.namespace
        )
        done = {} if present is None else dict.fromkeys(still_asked(answers, resource, present))
        if done:
            self._context.annotate(key, MIRROR_MAKER.kind, done)
