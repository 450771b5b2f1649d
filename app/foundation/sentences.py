"""Sentences for people, as the pure parts of the house say them.

Rules may not import Flask, and so not Flask-Babel either; they say their sentences
through here. `languages.init_app` makes these speak the language of the page or of the
letter that is being written; before that, and outside of an app, they speak English.
The names are those that the extraction of sentences knows (babel.cfg).
"""

from __future__ import annotations

from collections.abc import Callable

# What translates one sentence, and one with a count, before anything is put into them.
_translate: list[Callable[[str], str]] = []
_translate_counted: list[Callable[[str, str, int], str]] = []


def speak_through(one: Callable[[str], str], counted: Callable[[str, str, int], str]) -> None:
    """Let these translate from now on."""
    _translate[:] = [one]
    _translate_counted[:] = [counted]


def gettext(sentence: str, /, **values: object) -> str:
    """The sentence in the present language, with the values in it."""
    words = _translate[0](sentence) if _translate and sentence else sentence
    return words % values if values else words


def ngettext(one: str, many: str, count: int, /, **values: object) -> str:
    """The form of the sentence that fits the count, which stands in it as %(num)s."""
    if _translate_counted:
        words = _translate_counted[0](one, many, count)
    else:
        words = one if count == 1 else many
    return words % {"num": count, **values}


def N_(sentence: str) -> str:
    """The sentence as it stands: marked for the catalogues, and translated where it is shown."""
    return sentence


def NN_(one: str, many: str) -> tuple[str, str]:
    """Both forms of a counted sentence as they stand, marked like `N_`."""
    return one, many
