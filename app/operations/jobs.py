"""What the schedule calls; each a door, one line."""

from __future__ import annotations

from app.foundation import planner
from app.messaging import figures
from app.operations import alarms, conservation


def check() -> None:
    alarms.check()


def check_books() -> None:
    conservation.check()


def count_messages() -> None:
    figures.count_all()


def learn_rows() -> None:
    planner.learn()
