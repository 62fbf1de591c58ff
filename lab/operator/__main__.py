"""``python -m lab.operator --lab DIR``: the operator of one lab, until it is told to stop."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from pathlib import Path

from kafka_mirror.errors import KafkaMirrorError
from lab.directory import LabDirectory
from lab.operator.journal import open_journal
from lab.operator.operator import Operator


def main() -> int:
    """Run until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m lab.operator", description=__doc__)
    parser.add_argument("--lab", type=Path, required=True, help="the lab's directory")
    lab = LabDirectory(parser.parse_args().lab.absolute())
    # Everything this process and its children write is for their owner alone: keys, passwords, records.
    os.umask(0o077)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    try:
        open_journal(lab.log("operator"))
        Operator.of(lab).run(stop)
    except KafkaMirrorError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
