"""What administrators do: a group is added, and its first manager accepts."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Running
from tests.browser.journeys import given
from tests.browser.person import Person
from tests.browser.post import in_a_letter

AnyPerson = Callable[..., Person]


def test_a_group_is_added_with_its_first_manager(
    person: AnyPerson, site: Running, alone: str
) -> None:
    group = f"{alone.title()} Village Library"
    address = f"{alone}@example.org"
    administrator = person(given.ADMINISTRATOR)
    administrator.open("/")
    administrator.go_to("Groups")
    administrator.press(administrator.button("Add a group"))
    administrator.write(administrator.field("Name of the group"), group)
    administrator.pick(administrator.field("District"), "Charnwood")
    administrator.write(administrator.field("Email address of its first manager"), address)
    administrator.press(administrator.button("Add the group"))
    administrator.is_told_of_a_slip("Community library")
    expect(administrator.field("Name of the group")).to_have_value(group)
    administrator.choose(administrator.field("Response group"))
    administrator.choose(administrator.field("Community library"))
    administrator.press(administrator.button("Add the group"))
    administrator.sees_heading(group)

    link = in_a_letter(site.folder, address, r"(https?://\S+/invitations/\S+)")
    manager = person()
    manager.open(link)
    manager.sees_heading(f"Help to run {group}")
    manager.write(manager.field("Your name"), f"Mo {alone.title()}")
    manager.write(manager.field(re.compile("password", re.IGNORECASE)), f"{alone} reads aloud")
    manager.press(manager.button("Yes, join"))
    manager.open("/")
    manager.sees(group)
    manager.press(manager.link(group))
    manager.sees_heading(group)
