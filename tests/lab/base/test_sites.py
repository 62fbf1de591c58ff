from __future__ import annotations

import re

import pytest

from kafka_mirror.errors import UsageError
from lab.sites import check_names


def test_kube_context_names_are_fine():
    check_names(["dev", "europe-1", "a"])


@pytest.mark.parametrize(
    ("sites", "message"),
    [
        pytest.param([], "A lab needs at least one site, for example --sites dev,stg.", id="none"),
        pytest.param(["dev", "stg", "dev"], "--sites names dev twice.", id="one twice"),
        pytest.param(
            ["dev", "../etc", "Stg"],
            "--sites: '../etc', 'Stg' cannot name a site; allowed are up to 40 small letters, digits and hyphens, "
            "with a letter or digit at both ends.",
            id="a path and a capital letter",
        ),
    ],
)
def test_a_wrong_name_is_told_with_what_is_allowed(sites, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        check_names(sites)
