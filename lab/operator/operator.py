"""Follows every site of a lab and hands what has changed to the reconciler of its kind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Self

from kafka_mirror.errors import KafkaMirrorError
from kafka_mirror.kubernetes_api import KubernetesApi
from lab.directory import LabDirectory
from lab.operator import journal
from lab.operator.connect_clusters import ConnectReconciler
from lab.operator.context import Context, InterruptedWaitError, Site
from lab.operator.jvm import Jvm
from lab.operator.kafka_clusters import KafkaReconciler
from lab.operator.launching import Launcher
from lab.operator.mirror_makers import MirrorMakerReconciler
from lab.operator.objects import CLUSTER_LABEL, KIND_LABEL, labels_of, name_of, namespace_of
from lab.operator.topics import TopicReconciler
from lab.operator.user_sweep import UserSweeper
from lab.operator.users import UserReconciler
from lab.operator.watching import WATCHED, Change, Follower, Store
from lab.operator.work_queue import Key, WorkQueue
from lab.operator.worker_kinds import CONNECT, MIRROR_MAKER
from lab.ports import PortBlock

RESYNC = timedelta(seconds=10)
_WORKERS = 16
_LOOK_AT_PROCESSES_SECONDS = 0.3
_NOT_SYNCED = timedelta(milliseconds=200)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=0.5), timedelta(seconds=8)
_SWEEP = "UserSweep"
# Kinds whose objects are looked at with the one they name by their label.
_BELONGING = {"KafkaNodePool": "Kafka", "KafkaConnector": "KafkaConnect"}
# Directories of processes under a site's own, by the kind they are run for.
_DIRECTORIES = {"kafka": "Kafka", **{one.suffix: one.kind for one in (MIRROR_MAKER, CONNECT)}}


class Operator:
    """One process for all sites of a lab."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._failures: dict[Key, int] = {}
        self._reconcilers: Mapping[str, Callable[[Key], None]] = {
            "Kafka": KafkaReconciler(context).reconcile,
            "KafkaTopic": TopicReconciler(context).reconcile,
            "KafkaUser": UserReconciler(context).reconcile,
            "KafkaMirrorMaker2": MirrorMakerReconciler(context).reconcile,
            "KafkaConnect": ConnectReconciler(context).reconcile,
            _SWEEP: UserSweeper(context).reconcile,
        }

    @classmethod
    def of(cls, lab: LabDirectory) -> Self:
        """Make the operator of a lab that has its control planes; nothing runs yet."""
        jvm = Jvm.locate()
        kubeconfig = str(lab.kubeconfig)
        sites = {
            name: Site(name, KubernetesApi.connect(kubeconfig=kubeconfig, context=name), Store())
            for name in lab.sites()
        }
        return cls(
            Context(
                lab=lab,
                sites=sites,
                ports=PortBlock.of(lab.root),
                launcher=Launcher(lab, jvm),
                jvm=jvm,
                queue=WorkQueue(),
            )
        )

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set, then end every process."""
        context = self._context
        journal.note("operator started", sites=",".join(context.sites))
        context.launcher.resume()
        threads = [threading.Thread(target=self._work, daemon=True) for _ in range(_WORKERS)]
        for site in context.sites.values():
            for api_version, kind in WATCHED:
                follower = Follower(
                    site.api, site.store, api_version, kind, tell=self._teller(site)
                )
                threads.append(threading.Thread(target=follower.run, args=(stop,), daemon=True))
        threads.append(threading.Thread(target=self._look_at_processes, args=(stop,), daemon=True))
        for thread in threads:
            thread.start()
        for key in self._left_behind():
            context.queue.add(key)
        while not stop.wait(RESYNC.total_seconds()):
            self._resync()
        context.stopping.set()
        context.queue.close()
        context.launcher.close()
        journal.note("operator stopped")

    def _teller(self, site: Site) -> Callable[[Change], None]:
        def tell(change: Change) -> None:
            for key in keys_of(site, change):
                self._context.queue.add(key)

        return tell

    def _work(self) -> None:
        while (key := self._context.queue.take()) is not None:
            try:
                self._reconcile(key)
            finally:
                self._context.queue.done(key)

    def _reconcile(self, key: Key) -> None:
        context = self._context
        if not context.site(key).store.is_synced:
            context.queue.add_after(key, _NOT_SYNCED)
            return
        try:
            self._reconcilers[key.kind](key)
            self._failures.pop(key, None)
        except InterruptedWaitError:
            return
        except KafkaMirrorError as error:
            self._try_again(key, f"{type(error).__name__}: {error}")
        except Exception:  # noqa: BLE001 - one object's trouble must not end the others' operator
            journal.bug("a bug of the operator", object=key)
            self._try_again(key, "a bug of the operator")

    def _try_again(self, key: Key, why: str) -> None:
        if self._context.stopping.is_set():
            return
        failures = self._failures[key] = self._failures.get(key, 0) + 1
        journal.warn("trying again", object=key, why=why, failures=failures)
        pause = min(_FIRST_PAUSE * 2 ** (failures - 1), _LONGEST_PAUSE)
        self._context.queue.add_after(key, pause)

    def _look_at_processes(self, stop: threading.Event) -> None:
        while not stop.wait(_LOOK_AT_PROCESSES_SECONDS):
            for key in self._context.launcher.revive_ended():
                self._context.queue.offer(key)

    def _resync(self) -> None:
        for site in self._context.sites.values():
            for _, kind in WATCHED:
                for obj in site.store.all_of(kind) if kind in self._reconcilers else ():
                    self._context.queue.offer(Key(site.name, kind, namespace_of(obj), name_of(obj)))
            for obj in site.store.all_of("Kafka"):
                self._context.queue.offer(Key(site.name, _SWEEP, namespace_of(obj), name_of(obj)))

    def _left_behind(self) -> Iterator[Key]:
        """Return what an earlier operator has run processes for, and that may have been deleted since."""
        for site in self._context.sites:
            for directory, kind in _DIRECTORIES.items():
                for path in (self._context.lab.site(site) / directory).glob("*/*/owner.json"):
                    place = path.parent
                    yield Key(site, kind, place.parent.name, place.name)


def keys_of(site: Site, change: Change) -> tuple[Key, ...]:
    """Return what has to be looked at after a change."""
    obj, kind = change.obj, change.kind
    namespace, labels = namespace_of(obj), labels_of(obj)
    cluster = labels.get(CLUSTER_LABEL, "")
    if kind in _BELONGING:
        # One that names nothing belongs to nothing; as a name, the empty one would stand for the whole namespace.
        return (Key(site.name, _BELONGING[kind], namespace, cluster),) if cluster else ()
    if kind == "Secret":
        owner = labels.get(KIND_LABEL)
        if owner == "KafkaUser":
            own = Key(site.name, "KafkaUser", namespace, name_of(obj))
            return (own, Key(site.name, _SWEEP, namespace, cluster))
        if owner == "Kafka" and change.is_gone:
            return (Key(site.name, "Kafka", namespace, cluster),)
        return ()
    own = Key(site.name, kind, namespace, name_of(obj))
    if kind == "KafkaUser" and change.is_gone:
        return (own, Key(site.name, _SWEEP, namespace, cluster))
    return (own,)
