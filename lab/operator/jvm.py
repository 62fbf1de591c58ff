"""The command lines of the lab's Java processes and the logging file each of them gets.

Nothing secret is ever on a command line or in an environment: a process finds its secrets in private files in its own directory.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.binaries.class_archive import class_sharing_flags
from lab.binaries.kafka import kafka_classpath
from lab.java import find_java
from lab.settings import JVM_FLAGS, TOOL_HEAP

# A worker whose password was rotated writes 790 MB in 50 seconds.
_LOG_SIZE = "10MB"
_LOG_FILES = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Jvm:
    """Where Java and Kafka's jars are, and the flags that share their loaded classes between processes."""

    java: Path
    classpath: str
    sharing: tuple[str, ...] = ()

    @classmethod
    def locate(cls) -> Jvm:
        """Find them, or raise ``UsageError``."""
        return cls(
            java=find_java().executable,
            classpath=kafka_classpath(),
            sharing=class_sharing_flags(),
        )

    def command(
        self, main: str, *arguments: str, heap: Sequence[str], logging: Path
    ) -> tuple[str, ...]:
        """Return a command line.

        Args:
            main: The main class.
            arguments: Its arguments.
            heap: The JVM's heap flags.
            logging: The logging file to use.
        """
        return (
            str(self.java),
            *heap,
            *JVM_FLAGS,
            *self.sharing,
            f"-Dlog4j2.configurationFile={logging}",
            "-cp",
            self.classpath,
            main,
            *arguments,
        )

    def tool(self, main: str, *arguments: str, logging: Path) -> tuple[str, ...]:
        """Return the command line of a tool that runs to its end."""
        return self.command(main, *arguments, heap=TOOL_HEAP, logging=logging)


def logging_properties(log: Path) -> str:
    """Return a log4j2 file: warnings and errors into one small log that rolls over."""
    return f"""status=error
appenders=file
appender.file.type=RollingFile
appender.file.name=file
appender.file.fileName={log}
appender.file.filePattern={log}.%i
appender.file.filePermissions=rw-------
appender.file.layout.type=PatternLayout
appender.file.layout.pattern=%d{{ISO8601}} %p %c{{1}}: %m%n
appender.file.policies.type=Policies
appender.file.policies.size.type=SizeBasedTriggeringPolicy
appender.file.policies.size.size={_LOG_SIZE}
appender.file.strategy.type=DefaultRolloverStrategy
appender.file.strategy.max={_LOG_FILES}
rootLogger.level=WARN
rootLogger.appenderRef.file.ref=file
"""
