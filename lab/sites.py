"""What a site of a lab may be called: its name is a kube context, an etcd prefix, and part of file names."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kafka_mirror.errors import UsageError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")


def check_names(sites: Sequence[str]) -> None:
    """Check the names of a lab's sites.

    Raises:
        UsageError: If there is none, one is named twice, or one cannot be a name.
    """
    if not sites:
        raise UsageError("A lab needs at least one site, for example --sites dev,stg.")
    twice = sorted({site for site in sites if sites.count(site) > 1})
    if twice:
        raise UsageError(f"--sites names {', '.join(twice)} twice.")
    wrong = [site for site in sites if not _NAME.fullmatch(site)]
    if wrong:
        raise UsageError(
            f"--sites: {', '.join(map(repr, wrong))} cannot name a site; allowed are up to 40 small letters, digits and "
            "hyphens, with a letter or digit at both ends."
        )
