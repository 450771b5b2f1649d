"""What can be done with groups, their sites and their managers."""

from app.groups.service.details import change_group, close_group, make_group, reopen_group
from app.groups.service.managers import (
    accept,
    accept_as_new,
    add_manager,
    find_invitation,
    found_group,
    invite,
    leave_every_group,
    remove_manager,
    withdraw,
)
from app.groups.service.sites import add_site, change_site

__all__ = [
    "accept",
    "accept_as_new",
    "add_manager",
    "add_site",
    "change_group",
    "change_site",
    "close_group",
    "find_invitation",
    "found_group",
    "invite",
    "leave_every_group",
    "make_group",
    "remove_manager",
    "reopen_group",
    "withdraw",
]
