"""The control planes of a lab: one etcd for all sites, and a kube-apiserver with a key prefix of its own per site."""

from __future__ import annotations

import datetime
import http.client
import secrets
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from lab.certificates import Authority, write_signing_key
from lab.commands import tail
from lab.directory import LabDirectory
from lab.errors import LabError
from lab.files import write_text
from lab.kubeconfig import kubeconfig
from lab.ports import LOOPBACK, PortBlock
from lab.processes import ProcessSpec, RunningProcess
from lab.waiting import wait_until

ETCD = "etcd"
_READY_WITHIN = timedelta(seconds=90)
_ASK_TIMEOUT_SECONDS = 5
_OK = 200
_SERVICE_RANGE = "10.96.0.0/16"


@dataclass(frozen=True, slots=True)
class ControlPlanes:
    """What the control planes of a lab are started with; every key and token is in a file of mode 0600."""

    directory: LabDirectory
    sites: tuple[str, ...]
    ports: PortBlock

    @classmethod
    def prepare(cls, directory: LabDirectory, ports: PortBlock) -> ControlPlanes:
        """Write the keys, certificates, the token and the kubeconfig of a new lab."""
        planes = cls(directory, directory.sites(), ports)
        now = datetime.datetime.now(datetime.UTC)
        authority = Authority.create(now=now)
        token = secrets.token_urlsafe(32)
        write_text(planes._authority, authority.pem())
        write_text(planes._tokens, f'{token},admin,admin,"system:masters"\n')
        write_signing_key(planes._keys / "sa.key", planes._keys / "sa.pub")
        for name in (ETCD, *map(_server, planes.sites)):
            authority.issue(name, planes._keys, now=now)
        servers = {site: f"https://{LOOPBACK}:{planes.port(site)}" for site in planes.sites}
        write_text(
            directory.kubeconfig, kubeconfig(servers, authority=authority.pem(), token=token)
        )
        return planes

    def port(self, site: str) -> int:
        """Return the port of a site's API server."""
        return self.ports.port_for(_server(site))

    def etcd(self, executable: Path) -> ProcessSpec:
        """Return how etcd is started; a client has to show a certificate of this lab."""
        client, peer = self.ports.port_for("etcd"), self.ports.port_for("etcd-peer")
        argv = [str(executable), "--name", "lab", "--data-dir", str(self.directory.etcd)]
        argv += ["--listen-client-urls", f"https://{LOOPBACK}:{client}"]
        argv += ["--advertise-client-urls", f"https://{LOOPBACK}:{client}"]
        argv += ["--listen-peer-urls", f"https://{LOOPBACK}:{peer}"]
        argv += ["--initial-advertise-peer-urls", f"https://{LOOPBACK}:{peer}"]
        argv += ["--initial-cluster", f"lab=https://{LOOPBACK}:{peer}"]
        for role in ("", "peer-"):
            argv += [f"--{role}cert-file", str(self._keys / "etcd.crt")]
            argv += [f"--{role}key-file", str(self._keys / "etcd.key")]
            argv += [f"--{role}trusted-ca-file", str(self._authority), f"--{role}client-cert-auth"]
        # A lab's data dies with it; waiting for the disk at every write would only slow it down.
        argv += ["--unsafe-no-fsync", "--log-level", "warn"]
        return self._spec(ETCD, argv, ports=(client, peer))

    def apiserver(self, executable: Path, site: str) -> ProcessSpec:
        """Return how the API server of a site is started."""
        port, name, keys = self.port(site), _server(site), self._keys
        argv = [str(executable), "--etcd-prefix", f"/{site}"]
        argv += ["--etcd-servers", f"https://{LOOPBACK}:{self.ports.port_for('etcd')}"]
        argv += ["--etcd-cafile", str(self._authority)]
        argv += ["--etcd-certfile", str(keys / f"{name}.crt")]
        argv += ["--etcd-keyfile", str(keys / f"{name}.key")]
        argv += ["--bind-address", LOOPBACK, "--advertise-address", LOOPBACK]
        argv += ["--secure-port", str(port)]
        argv += ["--tls-cert-file", str(keys / f"{name}.crt")]
        argv += ["--tls-private-key-file", str(keys / f"{name}.key")]
        argv += ["--token-auth-file", str(self._tokens), "--authorization-mode", "RBAC"]
        argv += ["--anonymous-auth=false"]
        argv += ["--service-account-issuer", "https://kubernetes.default.svc"]
        argv += ["--service-account-key-file", str(keys / "sa.pub")]
        argv += ["--service-account-signing-key-file", str(keys / "sa.key")]
        argv += ["--service-cluster-ip-range", _SERVICE_RANGE]
        # No controller makes the service accounts that this plugin asks for, and no pod runs here.
        argv += ["--disable-admission-plugins", "ServiceAccount"]
        argv += ["--profiling=false", "--enable-priority-and-fairness=false"]
        return self._spec(name, argv, ports=(port,))

    def wait_until_ready(self, site: str, process: RunningProcess) -> None:
        """Wait until a site's API server says that it is ready.

        Raises:
            LabError: If it ends, or is not ready in time.
        """
        context = ssl.create_default_context(cafile=str(self._authority))
        token = self._tokens.read_text().partition(",")[0]

        def is_settled() -> bool:
            return process.returncode() is not None or _is_ready(self.port(site), context, token)

        if not wait_until(is_settled, within=_READY_WITHIN) or process.returncode() is not None:
            raise LabError(
                f"the API server of site {site!r} did not become ready "
                f"(exit {process.returncode()}). The end of {process.log}:\n{tail(process.log)}"
            )

    @property
    def _keys(self) -> Path:
        return self.directory.root / "keys"

    @property
    def _authority(self) -> Path:
        return self._keys / "ca.crt"

    @property
    def _tokens(self) -> Path:
        return self._keys / "tokens.csv"

    def _spec(self, name: str, argv: Sequence[str], *, ports: tuple[int, ...]) -> ProcessSpec:
        return ProcessSpec(
            name=name,
            argv=tuple(argv),
            cwd=self.directory.root,
            log=self.directory.log(name),
            ports=ports,
        )


def _server(site: str) -> str:
    return f"kube-apiserver-{site}"


def _is_ready(port: int, context: ssl.SSLContext, token: str) -> bool:
    connection = http.client.HTTPSConnection(
        LOOPBACK, port, context=context, timeout=_ASK_TIMEOUT_SECONDS
    )
    try:
        connection.request("GET", "/readyz", headers={"Authorization": f"Bearer {token}"})
        return connection.getresponse().status == _OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
