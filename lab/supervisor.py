"""Owns every process of a lab, from its start to its end: ``python -m lab.supervisor --lab DIR``.

It runs detached from whoever started it. When it ends, in whatever way, the kernel ends its children. A part that ends by itself
is started again, and that is counted; one that ends again and again makes the lab degraded. ``lab status`` tells both.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import FrameType

from kafka_mirror.errors import KafkaMirrorError
from lab import garbage, namespaces
from lab.binaries import parts
from lab.control_plane import ETCD, ControlPlanes
from lab.crds import apply_definitions, load_definitions
from lab.directory import LAB_VARIABLE, LabDirectory
from lab.keeping import Keeper
from lab.ports import PortBlock
from lab.processes import ProcessSpec, ProcessTable
from lab.site_access import SiteAccess
from lab.steps import Step, Work
from lab.supervision import LabState, Supervision

OPERATOR = "operator"
_LOOK_EVERY = timedelta(milliseconds=500)
_OPERATOR_GRACE = timedelta(seconds=10)
_SERVER_GRACE = timedelta(seconds=1)
_LOG = logging.getLogger("lab.supervisor")


class Supervisor:
    """Starts the parts of one lab in order, watches them, and stops them in reverse."""

    def __init__(self, directory: LabDirectory, *, has_operator: bool) -> None:
        self._directory = directory
        self._processes = ProcessTable(directory.processes)
        self._keeper = Keeper(self._processes)
        self._stop = threading.Event()
        self._said = Supervision(has_operator=has_operator)
        self._definitions = load_definitions()

    def request_stop(self, _number: int = 0, _frame: FrameType | None = None) -> None:
        """Ask for an orderly end; a signal handler."""
        self._stop.set()
        if self._said.state is LabState.STARTING:
            sys.exit()

    def run(self) -> None:
        """Start everything, watch it until asked to stop, and stop it."""
        self._say(self._said)
        try:
            self._start()
            self._say(replace(self._said, state=LabState.READY))
            self._watch()
        except KafkaMirrorError as error:
            _LOG.error("%s", error)
            self._say(replace(self._said, state=LabState.FAILED, message=str(error)))
        except Exception as error:
            _LOG.exception("a bug of the lab")
            self._say(
                replace(self._said, state=LabState.FAILED, message=f"a bug of the lab: {error!r}")
            )
            raise
        finally:
            self._shut_down()

    def _start(self) -> None:
        planes = ControlPlanes.prepare(self._directory, PortBlock.of(self._directory.root))
        work = Work(f"Control planes {', '.join(planes.sites)}")
        self._tell(work.started())
        self._keeper.keep(planes.etcd(parts.executable(parts.ETCD_SERVER)))
        apiserver = parts.executable(parts.APISERVER)
        servers = {
            site: self._keeper.keep(planes.apiserver(apiserver, site)) for site in planes.sites
        }
        for site, server in servers.items():
            planes.wait_until_ready(site, server)
        self._tell(work.done())
        self._define(planes.sites)
        if self._said.has_operator:
            self._start_operator()

    def _define(self, sites: Sequence[str]) -> None:
        work = Work(f"{len(self._definitions)} custom resource definitions")
        self._tell(work.started())
        kubeconfig = self._directory.kubeconfig
        accesses = [SiteAccess.connect(site, kubeconfig=kubeconfig) for site in sites]
        with ThreadPoolExecutor(len(accesses)) as threads:
            for _ in threads.map(
                lambda each: apply_definitions(each.api, self._definitions), accesses
            ):
                pass
        for access in accesses:
            self._in_background(namespaces.finish_deletions, access, self._stop)
            self._in_background(garbage.collect_forever, access, self._definitions, self._stop)
        self._tell(work.done())

    def _start_operator(self) -> None:
        argv = (sys.executable, "-m", "lab.operator", "--lab", str(self._directory.root))
        self._keeper.keep(
            ProcessSpec(
                name=OPERATOR,
                argv=argv,
                cwd=Path(__file__).resolve().parents[1],
                log=self._directory.log(OPERATOR),
                env={
                    **os.environ,
                    LAB_VARIABLE: str(self._directory.root),
                    "KUBECONFIG": str(self._directory.kubeconfig),
                },
            )
        )

    def _watch(self) -> None:
        # A lab whose directory was deleted by hand ends as if it had been told to.
        # It is asked for right before each look: a part started after the deletion would make the directory again.
        while not self._stop.wait(_LOOK_EVERY.total_seconds()) and self._directory.exists:
            self._keeper.look()
            troubles = "; ".join(self._keeper.troubles)
            said = replace(
                self._said,
                state=LabState.DEGRADED if troubles else LabState.READY,
                message=troubles,
                restarts=self._keeper.restarts,
            )
            if said != self._said:
                if troubles and troubles != self._said.message:
                    _LOG.error("%s", troubles)
                self._say(said)

    def _shut_down(self) -> None:
        if self._said.state is not LabState.FAILED:
            self._say(replace(self._said, state=LabState.STOPPING))
        self._stop.set()
        self._processes.stop(OPERATOR, grace=_OPERATOR_GRACE)
        servers = [process.name for process in self._processes.running() if process.name != ETCD]
        with ThreadPoolExecutor() as threads:
            for _ in threads.map(
                lambda name: self._processes.stop(name, grace=_SERVER_GRACE), servers
            ):
                pass
        self._processes.stop(ETCD, grace=_SERVER_GRACE)  # after those that need it

    def _tell(self, step: Step) -> None:
        self._say(self._said.with_step(step))

    def _say(self, said: Supervision) -> None:
        self._said = said
        if self._directory.exists:
            said.write(self._directory.supervision)

    @staticmethod
    def _in_background(target: object, *arguments: object) -> None:
        threading.Thread(target=target, args=arguments, daemon=True).start()  # type: ignore[arg-type]


def main() -> None:
    """Run the supervisor of the lab named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m lab.supervisor", description=__doc__)
    parser.add_argument("--lab", type=Path, required=True)
    parser.add_argument("--without-operator", action="store_true")
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    supervisor = Supervisor(LabDirectory(options.lab), has_operator=not options.without_operator)
    signal.signal(signal.SIGTERM, supervisor.request_stop)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervisor.run()


if __name__ == "__main__":
    main()
