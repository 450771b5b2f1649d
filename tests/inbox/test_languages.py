"""Replies in the languages of the county, and our answers in the sender's own."""

from __future__ import annotations

import pytest

from app.broadcasts.rules import how_to_answer
from app.foundation import languages
from app.foundation.extensions import db
from app.inbox import service
from app.inbox.rules import Meaning, understand
from app.inbox.rules.quotes import own_words
from app.messaging.models import Message
from app.messaging.rules import opting_out
from tests import factories

OTHERS = [code for code in languages.LANGUAGES if code != languages.ENGLISH]


@pytest.mark.parametrize(
    "text",
    [
        *("TAK", "tak, chętnie", "będę", "przyjdę", "oczywiście"),
        *("હા", "હા જી", "ચોક્કસ", "હું આવીશ"),
        *("ਹਾਂ", "ਹਾਂ ਜੀ", "ਠੀਕ ਹੈ", "ਮੈਂ ਆਵਾਂਗਾ", "ਮੈਂ ਆਵਾਂਗੀ"),
        *("جی ہاں", "ہاں", "ٹھیک ہے", "میں آؤں گا", "میں آ جاؤں گی"),
    ],
)
def test_a_yes_is_a_yes_in_every_language(text: str) -> None:
    assert understand(text).meaning == Meaning.yes
    named = understand(f"27 {text}")
    assert (named.meaning, named.number) == (Meaning.yes, 27)


@pytest.mark.parametrize(
    "text",
    [
        *("NIE", "nie mogę", "niestety nie", "nie dam rady"),
        *("ના", "નહીં", "ના આવી શકું"),
        *("ਨਹੀਂ", "ਨਾਂਹ", "ਜੀ ਨਹੀਂ", "ਮੈਂ ਨਹੀਂ ਆ ਸਕਦਾ"),
        *("نہیں", "جی نہیں", "انکار", "نہیں آ سکتا"),
    ],
)
def test_a_no_is_a_no_in_every_language_and_never_a_stop(text: str) -> None:
    assert understand(text).meaning == Meaning.no
    named = understand(f"27 {text}")
    assert (named.meaning, named.number) == (Meaning.no, 27)


@pytest.mark.parametrize("text", ["nie piszcie", "koniec", "બંધ કરો", "ਬੰਦ ਕਰੋ", "بند کرو"])
def test_a_wish_to_hear_no_more_is_one_in_every_language(text: str) -> None:
    assert understand(text).meaning == Meaning.stop


@pytest.mark.parametrize("code", OTHERS)
def test_our_own_words_that_come_back_are_no_answer_and_no_stop(app, code: str) -> None:
    with languages.speaking(code):
        ours = opting_out.told(how_to_answer(27))
    assert ours != opting_out.told(how_to_answer(27))  # it is translated
    assert own_words(ours).strip() == ""
    assert understand(f"{ours}\nTAK").meaning == Meaning.yes


@pytest.mark.parametrize("code", OTHERS)
@pytest.mark.parametrize("text", ["HELP", "LESS", "what is this about please"])
def test_the_answer_is_in_the_senders_language(app, code: str, text: str) -> None:
    person = factories.volunteer(language=code)
    service.store({"From": person.phone, "Body": text, "MessageSid": "SM1"})
    service.process_all()
    answer = db.session.query(Message).filter_by(purpose="answer").one()
    theirs = factories.volunteer()
    service.store({"From": theirs.phone, "Body": text, "MessageSid": "SM2"})
    service.process_all()
    english = db.session.query(Message).filter_by(purpose="answer", to_address=theirs.phone).one()
    assert answer.body != english.body
    assert answer.body.startswith("Many Hands")


def test_what_the_desk_reads_of_it_stays_english(app) -> None:
    person = factories.volunteer(language="pl")
    service.store({"From": person.phone, "Body": "LESS", "MessageSid": "SM1"})
    service.process_all()
    from app.inbox.models import Reply  # noqa: PLC0415

    assert "Changed how often they are asked" in db.session.query(Reply).one().outcome
