"""What volunteers do: a first place, and a profile finished in steps."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.browser.conftest import Running
from tests.browser.person import Person
from tests.browser.post import code_by_email

AnyPerson = Callable[..., Person]
Desk = Callable[..., Page]


def test_a_newcomer_takes_a_first_place(person: AnyPerson, site: Running, alone: str) -> None:
    newcomer = person()
    address = f"{alone}@example.org"
    newcomer.open("/")
    newcomer.press(newcomer.button(re.compile(r"^I can help(?!\s*: Food parcel driver)")))
    role = newcomer.page.get_by_role("heading", level=1).inner_text()
    # A slip is told beside its field, and nothing that was typed is lost.
    newcomer.write(newcomer.field("Your name"), f"Nia {alone.title()}")
    newcomer.write(newcomer.field("Your postcode"), "LE11 3TU")
    newcomer.choose(newcomer.field("Yes, I am 18 or over"))
    for box in (
        newcomer.page.get_by_role("group", name="Can you do this?").get_by_role("checkbox").all()
    ):
        newcomer.tick(box)
    newcomer.press(newcomer.button(re.compile("Take this place|Ask for this place")))
    newcomer.is_told_of_a_slip("Mobile number or email address")
    expect(newcomer.field("Your name")).to_have_value(f"Nia {alone.title()}")
    newcomer.write(newcomer.field("Mobile number or email address"), address)
    newcomer.press(newcomer.button(re.compile("Take this place|Ask for this place")))
    newcomer.sees_heading("Check your")
    newcomer.write(newcomer.field("Code"), code_by_email(site.folder, address))
    newcomer.press(newcomer.button(re.compile("Take this place|Ask for this place")))
    newcomer.sees_heading(re.compile("You have a place|You have asked for a place"))
    newcomer.sees(role)


def test_a_profile_is_finished_in_steps(person: AnyPerson, site: Running, alone: str) -> None:
    one = person()
    address = f"{alone}@example.org"
    one.open("/sign-up")
    one.write(one.field("Your name"), f"Pia {alone.title()}")
    one.write(one.field("Mobile number or email address"), address)
    one.write(one.field("Your postcode"), "LE11 3TU")
    one.choose(one.field("Yes, I am 18 or over"))
    one.press(one.button("Sign up"))
    one.write(one.field("Code"), code_by_email(site.folder, address))
    one.press(one.page.get_by_role("main").locator("form button").first)

    one.open("/")
    one.press(one.button("Tell us"))
    answers: dict[str, Callable[[], None]] = {
        "May we ask you": lambda: one.tick(one.field(re.compile("you may email me"))),
        "What would you like": lambda: one.tick(one.field("Sorting and packing food")),
        "When are you free": lambda: one.tick(one.field("Saturday morning")),
        "What can you do": lambda: one.tick(one.field("Listening")),
        "Whom should a group call": lambda: _names_somebody(one),
        "Where are you": lambda: one.write(one.field(re.compile("How many miles")), "4"),
    }
    for _ in range(len(answers) + 1):
        question = one.page.get_by_role("heading", level=1).inner_text()
        if question.startswith(("Thank you", "Your profile")):
            break
        answer = next(do for words, do in answers.items() if question.startswith(words))
        answer()
        one.press(one.button("Save and go on"))
    one.sees_heading("All is answered")
    one.press(one.link("See my profile"))
    for told in ("Sorting and packing food", "Listening", "Paul Pia"):
        one.sees(told)


def _names_somebody(one: Person) -> None:
    one.write(one.field("Their name"), "Paul Pia")
    one.write(one.field("Their phone number"), "07700 900123")
