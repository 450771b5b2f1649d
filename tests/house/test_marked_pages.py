"""Each page of visitors and volunteers is walked in the made-up language: nothing is left bare."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest
from flask import Flask
from flask.testing import FlaskClient
from rq import Queue
from sqlalchemy import or_, select

from app.accounts.models import User
from app.foundation import clock, queue
from app.foundation.extensions import db
from app.messaging.models import Message
from app.web.language import ENGLISH_ONLY
from tests import factories as make
from tests.house import marked
from tests.house.world import NOW, World

SignIn = Callable[[User], FlaskClient]
# Not for people's eyes, or for those of programmers and of the people who carry texts.
NOT_READ: Final = ("/static/", "/api", "/simulator", "/healthz", "/readyz", "/metrics")
PURPOSES: Final = {
    *("standing", "standing place", "hours decided", "reminder", "answer", "due-7", "ask"),
    *("thanks", "role-invitation", "swap-ask"),
}
ENDED: Final = ("/nothing", "/NONE")
FILES: Final = (".ics", ".jpg", ".js", ".json", ".pdf", ".png", ".webmanifest")
NAMES: Final = {
    *("Charnwood", "Harborough", "Coalville", "LE11", "3TU", "ET"),
    *("asha@example.org", "hello@example.org", "Kibworth Community Library"),
    *("#eval(1) Food Bank", "hello@many-hands.example.org", "new@example.org"),
    *("czerwiec", "maj", "kwiecień", "Asha .", "Ben ."),
}


@pytest.fixture
def world(app: Flask) -> Iterator[World]:
    with clock.stopped_at(NOW):
        yield World(app)


def is_read(rule: Any, app: Flask) -> bool:
    """Whether a rule is a page that a visitor, a volunteer or a tablet's visitor reads."""
    view = app.view_functions[rule.endpoint]
    return (
        "GET" in rule.methods
        and not rule.rule.startswith(NOT_READ)
        and not rule.rule.endswith(FILES)
        and getattr(view, "access", None) not in ENGLISH_ONLY
        and not getattr(view, "is_english", False)
    )


def speak(browser: FlaskClient) -> FlaskClient:
    browser.set_cookie("language", "pl")
    return browser


def bare_words(browser: FlaskClient, address: str) -> list[str]:
    page = speak(browser).get(address)
    if page.status_code in (301, 302, 308):
        return []
    if page.status_code not in (200, 410) and not address.endswith(ENDED):
        return [f"is not there: {page.status_code}"]
    return marked.unmarked(page.text, NAMES)


@pytest.mark.usefixtures("made_up_language")
def test_every_page_is_marked(app: Flask, world: World, sign_in: SignIn) -> None:
    places = world.addresses()
    visitor, tablet = app.test_client(), world.tablet()
    volunteer = sign_in(world.user)
    found: dict[str, list[str]] = {}
    left = []
    for rule in app.url_map.iter_rules():
        if not is_read(rule, app):
            continue
        if rule.arguments and rule.rule not in places:
            left.append(rule.rule)
            continue
        view = app.view_functions[rule.endpoint]
        readers = [tablet] if view.access == "tablet" else [volunteer]  # type: ignore[attr-defined]
        if view.access == "public":  # type: ignore[attr-defined]
            readers.append(visitor)
        for address in places.get(rule.rule, [rule.rule]):
            for browser in readers:
                if words := bare_words(browser, address):
                    found[f"{rule.endpoint} {address}"] = words
    assert left == []
    if found:
        pytest.fail("\n".join(f"{one}: {said}" for one, said in found.items()), pytrace=False)


@pytest.mark.usefixtures("made_up_language")
def test_every_answer_and_every_letter_is_marked(app: Flask, world: World, sign_in: SignIn) -> None:
    """What stands beside a field, what a button says that it did, what is written to people."""
    asha = speak(sign_in(world.user))
    browsers = {"visitor": speak(app.test_client()), "tablet": speak(world.tablet()), "asha": asha}
    found = []
    for who, address, typed in world.acts():
        page = browsers[who].post(address, data=typed, follow_redirects=True)
        if page.status_code == 405:  # it is a link's page
            page = browsers[who].get(address, follow_redirects=True)
        assert page.status_code < 500, address
        if words := marked.unmarked(page.text, NAMES):
            found.append(f"{address} {typed}: {words}")
    if found := [*found, *bare_letters(world)]:
        pytest.fail("\n".join(found), pytrace=False)


def bare_letters(world: World) -> list[str]:
    """What is bare in the letters that were written to the world's volunteers, and in codes."""
    db.session.rollback()
    people = (world.asha.id, world.other.id)
    to_them = or_(Message.volunteer_id.in_(people), Message.purpose.in_(["code", "notice"]))
    found = []
    for letter in db.session.scalars(select(Message).where(to_them)):
        words = marked.bare(f"{letter.subject}\n{letter.body}", NAMES)
        words += marked.unmarked(letter.html or "", NAMES)
        if words:
            found.append(f"{letter.purpose} {letter.channel.value}: {words}")
    return found


@pytest.mark.usefixtures("made_up_language")
def test_what_others_bring_about_is_told_in_marked_letters(world: World) -> None:
    world.deeds()
    if found := bare_letters(world):
        pytest.fail("\n".join(found), pytrace=False)
    told = set(db.session.scalars(select(Message.purpose)))
    assert told >= PURPOSES


@pytest.mark.usefixtures("made_up_language")
@pytest.mark.parametrize("way", ["", "/forgotten"])
def test_a_code_is_in_the_language_of_the_page_that_asked_for_it(
    client: FlaskClient, way: str
) -> None:
    make.user(email="asha@example.org")
    typed = {"address": "asha@example.org", "way": "code"}
    waiting = Queue(queue.ANSWERS, connection=queue.connection())
    waiting.empty()  # of whatever came before
    speak(client).post(f"/sign-in{way}", data=typed)
    [job] = waiting.jobs
    job.func(*job.args)
    letter = db.session.scalars(select(Message)).one()
    assert marked.bare(f"{letter.subject}\n{letter.body}") == []
