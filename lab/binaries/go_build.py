"""Builds kube-apiserver and etcd from their published Go modules.

Go's own build cache makes a killed build resumable, and Go's checksum database verifies every module.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from kafka_mirror.errors import UsageError
from lab.binaries import cache
from lab.binaries.versions import ETCD, KUBERNETES
from lab.commands import run
from lab.steps import Steps, Work

_KUBERNETES_MODULE = "k8s.io/kubernetes"
_ETCD_MODULE = "go.etcd.io/etcd/server/v3"
# The module of this build is generated, so it may complete its own go.mod; a workspace around it must not interfere.
_ENVIRONMENT = {"CGO_ENABLED": "0", "GOFLAGS": "-mod=mod", "GOWORK": "off", "GO111MODULE": "on"}
_STAGING = re.compile(r"^\s*(?:replace\s+)?(k8s\.io/\S+) => \./staging/", re.MULTILINE)
_ETCD_MAIN = """package main

import (
	"os"

	"go.etcd.io/etcd/server/v3/etcdmain"
)

func main() { etcdmain.Main(os.Args) }
"""


def build_apiserver(work: Work, into: Path, scratch: Path) -> Steps:
    """Build kube-apiserver into a directory."""
    version = f"v{KUBERNETES}"
    described = scratch / "kubernetes.json"
    download = [_go(), "mod", "download", "-json", f"{_KUBERNETES_MODULE}@{version}"]
    for _ in run(download, cwd=scratch, log=described, env=_ENVIRONMENT):
        yield work.progress("downloading the module")
    # k8s.io/kubernetes names its staging modules by paths that only exist in its repository; each is published as v0.
    answer = described.read_text()
    published = json.loads(answer[answer.index("{") :])
    staging = _STAGING.findall(Path(published["GoMod"]).read_text())
    _write_module_file(scratch, requires={_KUBERNETES_MODULE: version}, replaces=staging)
    major, minor, _ = KUBERNETES.split(".")
    stamp = "k8s.io/component-base/version."
    values = {"gitVersion": version, "gitMajor": major, "gitMinor": minor}
    flags = " ".join(f"-X {stamp}{name}={value}" for name, value in values.items())
    yield from _build(
        work, f"{_KUBERNETES_MODULE}/cmd/kube-apiserver", into / "kube-apiserver", scratch, flags
    )


def build_etcd(work: Work, into: Path, scratch: Path) -> Steps:
    """Build etcd into a directory."""
    _write_module_file(scratch, requires={_ETCD_MODULE: f"v{ETCD}"}, replaces=())
    (scratch / "main.go").write_text(_ETCD_MAIN)
    yield from _build(work, ".", into / "etcd", scratch, "")


def _write_module_file(
    directory: Path,
    *,
    requires: Mapping[str, str],
    replaces: Sequence[str],
) -> None:
    """Write the go.mod of a module that only builds others."""
    staging = f"v0{KUBERNETES[1:]}"
    lines = ["module lab", "", "go 1.24", ""]
    lines += [f"require {module} {version}" for module, version in requires.items()]
    lines += [f"replace {module} => {module} {staging}" for module in replaces]
    (directory / "go.mod").write_text("\n".join(lines) + "\n")


def _build(work: Work, package: str, output: Path, scratch: Path, flags: str) -> Steps:
    log = cache.log_file(output.name)
    command = [_go(), "build", "-v", "-trimpath", "-buildvcs=false"]
    command += ["-ldflags", f"-s -w {flags}", "-o", str(output), package]
    for lines in run(command, cwd=scratch, log=log, env=_ENVIRONMENT):
        yield work.progress(f"{lines} packages")


def _go() -> str:
    found = shutil.which("go") or shutil.which("/usr/local/go/bin/go")
    if found is None:
        raise UsageError(
            "kube-apiserver and etcd were found nowhere and 'go' is not on PATH to build them. Install Go 1.26 or later "
            "(https://go.dev/dl), or set KUBEBUILDER_ASSETS to a directory that holds both."
        )
    return found
