"""A made-up language, and a reader who finds the words that nobody could put into it.

It puts ⟦brackets⟧ around all that is marked. What people and groups write themselves stands
between §signs§ in these tests. Any other word of a page could not be translated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html.parser import HTMLParser
from typing import Final

from babel.support import Translations

from app.foundation.languages import LANGUAGES

# What is a name everywhere, or is said in its own language.
NAMES: Final = {
    *("Many Hands", "OpenStreetMap", "Atkinson Hyperlegible", "DBS", "SMS", "MB", "CSV"),
    *LANGUAGES.values(),
}
_UNREAD: Final = {"script", "style", "svg", "noscript", "template", "option"}
_SAID: Final = {"alt", "aria-label", "placeholder", "title"}
_MARKED: Final = re.compile(r"⟦[^⟦⟧]*⟧")
_OWN: Final = re.compile(r"§[^§]*§")
_ADDRESS: Final = re.compile(r"https?://\S+|\b[A-Z\d]{4}(?:[- ][A-Z\d]{4}){2,}\b")  # or a code
_WORD: Final = re.compile(r"[^\W\d_]{2,}")


class Pseudo(Translations):
    """The language of the brackets."""

    def ugettext(self, message: str) -> str:  # type: ignore[override]
        return f"⟦{message}⟧"

    def ungettext(self, one: str, many: str, count: int) -> str:  # type: ignore[override]
        return f"⟦{one if count == 1 else many}⟧"


class Reading(HTMLParser):
    """What a page says: its text, and what its attributes say, one run after another."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._unread: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in _UNREAD or (self._unread and tag == self._unread[-1]):
            self._unread.append(tag)
        elif given.get("lang") and tag != "html" and not self._unread:
            self._unread.append(tag)  # it is in another language on purpose
        if not self._unread:
            self.said += [value for name, value in attrs if name in _SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self._unread and self._unread[-1] == tag:
            self._unread.pop()

    def handle_data(self, data: str) -> None:
        if not self._unread:
            self.said.append(data)


def unmarked(html: str, names: Iterable[str] = ()) -> list[str]:
    """The words of a page that nobody could translate."""
    reading = Reading()
    reading.feed(html)
    return bare("\n".join(reading.said), names)


def bare(text: str, names: Iterable[str] = ()) -> list[str]:
    """The lines of a text with words that are neither marked nor somebody's own."""
    text = _OWN.sub(" ", _ADDRESS.sub(" ", text))
    while True:
        left = _MARKED.sub(" ", text)
        if left == text:
            break
        text = left
    for name in sorted({*NAMES, *names}, key=len, reverse=True):
        text = text.replace(name, " ")
    return [line.strip() for line in text.splitlines() if _WORD.search(line)]
