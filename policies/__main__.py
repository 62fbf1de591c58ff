"""Serve the policy pack: Pulumi starts this file, reads the port it prints and asks over gRPC."""

from __future__ import annotations

import io
import sys

from pulumi_policy import PolicyPack

from mirror_policies.pulumi_pack import DESCRIPTION, NAME, pulumi_policies


def main() -> None:
    """Serve every rule of the pack until the process is told to end."""
    # The SDK writes the port to stdout and never flushes: without this, a reader of the pipe waits
    # for ever unless Python happens to run unbuffered.
    sys.stdout = io.TextIOWrapper(io.FileIO(sys.stdout.fileno(), "wb"), write_through=True)
    PolicyPack(name=NAME, policies=pulumi_policies(), description=DESCRIPTION)


if __name__ == "__main__":
    main()
