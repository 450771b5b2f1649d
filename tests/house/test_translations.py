"""Every sentence that volunteers and visitors see can be put into their language, and is whole.

Every page is walked in `test_marked_pages`; here are those that one meets first, each by
itself, and the catalogues.
"""

from __future__ import annotations

import re
from typing import Final

import pytest

from scripts import translations
from tests import factories
from tests.house.marked import unmarked

# (address, who): "-" for a visitor, "volunteer" for somebody with a profile.
PAGES: Final = [
    ("/privacy", "-"),
    ("/accessibility", "-"),
    ("/languages", "-"),
    ("/nowhere", "-"),
    ("/no-signal", "-"),
    ("/sign-up", "-"),
    ("/opportunities", "-"),
    ("/statements", "-"),
    ("/statements/ABCD-EFGH-2345", "-"),
    ("/sign-in", "-"),
    ("/sign-in?next=/my/shifts", "-"),
    ("/sign-in/forgotten", "-"),
    ("/", "volunteer"),
    ("/my/shifts", "volunteer"),
    ("/my/profile/language", "volunteer"),
    ("/my/profile/name", "volunteer"),
    ("/my/hours", "volunteer"),
    ("/my/profile/times", "volunteer"),
    ("/my/profile/skills", "volunteer"),
    ("/my/profile/contact", "volunteer"),
    ("/account", "volunteer"),
    ("/account/name", "volunteer"),
    ("/account/password", "volunteer"),
    ("/account/email", "volunteer"),
    ("/account/phone", "volunteer"),
    ("/account/second-factor", "volunteer"),
]


@pytest.mark.usefixtures("made_up_language")
@pytest.mark.parametrize(("address", "who"), PAGES)
def test_every_sentence_of_a_page_is_marked(client, sign_in, address: str, who: str) -> None:
    names: set[str] = set()
    if who == "volunteer":
        user = factories.user(name="Asha Patel")
        person = factories.volunteer(user_id=user.id, name="Asha Patel")
        sign_in(user)
        names |= {person.name, person.first_name, user.email, person.email, person.postcode}
    client.set_cookie("language", "pl")
    page = client.get(address)
    assert "⟦" in page.text
    assert unmarked(page.text, names) == []


def test_what_is_not_marked_is_found() -> None:
    html = '<p>⟦Hello %s ⟦you⟧⟧</p><p>Bare words</p><a aria-label="And here">⟦x⟧</a>'
    assert unmarked(html) == ["Bare words", "And here"]
    assert unmarked('<p lang="en">Many words</p><p>Asha</p>', {"Asha"}) == []


CATALOGUES: Final = {code: translations.read(code) for code in translations.LANGUAGES}


def fields(sentence: str) -> set[str]:
    """The placeholders of a sentence: "%(name)s" and the like."""
    return set(re.findall(r"%\((\w+)\)[sd]", sentence))


@pytest.mark.parametrize("code", translations.LANGUAGES)
def test_each_translation_has_the_placeholders_of_its_sentence(code: str) -> None:
    wrong = []
    for message in CATALOGUES[code]:
        if not message.id or not translations.is_translated(message.string):
            continue
        one, many = message.id if isinstance(message.id, tuple) else (message.id, message.id)
        strings = message.string if isinstance(message.string, tuple) else (message.string,)
        for string in strings:
            # "One place" may leave its number out; everything else stands in each form.
            if not fields(one) - {"num"} <= fields(string) <= fields(many):
                wrong.append((message.id, string))
            if "%" in re.sub(r"%\(\w+\)[sd]|%%", "", string):
                wrong.append((message.id, string))
    assert wrong == []


@pytest.mark.parametrize("code", translations.LANGUAGES)
def test_each_catalogue_is_whole_and_says_that_nobody_has_checked_it(code: str) -> None:
    catalogue = CATALOGUES[code]
    assert "Not yet checked by a native reader" in catalogue.header_comment
    assert [message.id for message in catalogue if message.id and message.fuzzy] == []
    half = [
        message.id
        for message in catalogue
        if isinstance(message.string, tuple)
        and any(message.string)
        and (not all(message.string) or len(message.string) != catalogue.num_plurals)
    ]
    assert half == []


@pytest.mark.parametrize("code", translations.LANGUAGES)
def test_words_that_answer_us_stay_the_carriers_own(code: str) -> None:
    words = re.compile(r"\b(?:YES|NO|OK|STOP|START|HERE|LEFT|LESS|MORE)\b")
    wrong = [
        message.id
        for message in CATALOGUES[code]
        if isinstance(message.id, str)
        and message.string
        and re.search(r"\b(?:[Rr]eply|[Tt]ext|STOP)\b", message.id)
        and set(words.findall(message.id)) != set(words.findall(str(message.string)))
    ]
    assert wrong == []


def test_the_catalogues_say_what_the_source_says() -> None:
    """`make translations` was run: nothing is translated that nobody says any more."""
    said = {message.id for message in translations.extracted() if message.id}
    for code, catalogue in CATALOGUES.items():
        gone = [
            message.id
            for message in catalogue
            if message.id and translations.is_translated(message.string) and message.id not in said
        ]
        assert gone == [], code


def test_every_placeholder_has_a_name() -> None:
    """Two values without names could not change places in another language."""
    bare = [
        message.id
        for message in translations.extracted()
        for sentence in (message.id if isinstance(message.id, tuple) else (message.id,))
        if sentence and re.search(r"%[sd]", sentence)
    ]
    assert bare == []
