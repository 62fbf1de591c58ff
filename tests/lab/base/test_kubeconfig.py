from __future__ import annotations

import base64

import yaml

from lab.kubeconfig import kubeconfig

SERVERS = {"dev": "https://127.0.0.1:20000", "stg": "https://127.0.0.1:20001"}


def test_every_site_is_a_context_and_the_first_is_current():
    written = yaml.safe_load(kubeconfig(SERVERS, authority="PEM", token="t"))
    assert [context["name"] for context in written["contexts"]] == ["dev", "stg"]
    assert written["current-context"] == "dev"


def test_the_authority_is_trusted_for_every_server():
    clusters = yaml.safe_load(kubeconfig(SERVERS, authority="PEM", token="t"))["clusters"]
    trusted = base64.b64encode(b"PEM").decode()
    assert {each["name"]: each["cluster"] for each in clusters} == {
        site: {"server": server, "certificate-authority-data": trusted}
        for site, server in SERVERS.items()
    }
