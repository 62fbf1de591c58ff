"""Serve the policy pack: Pulumi starts this file, reads the port it prints and asks over gRPC."""

from __future__ import annotations

from mirror_policies.pulumi_server import serve

if __name__ == "__main__":
    serve()
