"""Says names and labels in Mermaid, whatever signs they hold, so that a picture never breaks on one.

Mermaid 11: an entity is ``#<code point>;``, also within quotes; a word that starts with a keyword such as ``end`` ends
a subgraph; labels are read as Markdown before their entities are, so a sign that means something there is one too.
"""

from __future__ import annotations

import re
import string
from typing import Final

_PLAIN_IN_LABELS: Final = frozenset(string.ascii_letters + string.digits + " .,()/-")
# marked, which Mermaid draws labels with, makes a link of it, and Mermaid then draws no text at all.
_LINK: Final = re.compile(r"www\.", re.IGNORECASE)


def identifier(kind: str, *names: str) -> str:
    """Return an id that no other kind or names have.

    Args:
        kind: Lower-case letters, no keyword of Mermaid and not the start of one; it comes first.
        names: Any texts.
    """
    return f"{kind}_{'__'.join(map(_word, names))}"


def label(*lines: str) -> str:
    """Return lines of any text as one quoted label."""
    return f'"{"<br/>".join(map(_line, lines))}"'


def _word(name: str) -> str:
    # Two underscores in a row are never part of a word, so they part words.
    return "".join(
        sign
        if sign.isascii() and sign.isalnum()
        else "".join(f"_{byte:02x}" for byte in _bytes(sign))
        for sign in name
    )


def _bytes(sign: str) -> bytes:
    return sign.encode("utf-8", "surrogatepass")


def _line(text: str) -> str:
    quoted = "".join(sign if sign in _PLAIN_IN_LABELS else f"#{ord(sign)};" for sign in text)
    return _LINK.sub(lambda found: f"{found[0][:-1]}#46;", quoted)
