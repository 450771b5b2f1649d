"""The names of the periodic tasks on screens, and the emails of the alarms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from app.operations.models import Alarm

TASK_NAMES: Final = {
    "app.messaging.jobs.sweep": "Find forgotten messages",
    "app.messaging.jobs.check_carriers": "Look how the carriers do",
    "app.messaging.jobs.reconcile": "Ask the carrier about uncertain texts",
    "app.inbox.jobs.sweep": "Read texts that came in",
    "app.broadcasts.jobs.advance_all": "Ask the next people of urgent requests",
    "app.accounts.jobs.send_waiting": "Send sign-in codes",
    "app.accounts.jobs.forget_old_proofs": "Forget old sign-in codes",
    "app.opportunities.jobs.extend_patterns": "Make the next shifts that repeat",
    "app.volunteers.jobs.forget_old_files": "Forget old import files",
    "app.volunteers.jobs.forget_unfinished": "Forget sign-ups that nobody finished",
    "app.reminders.jobs.sweep": "Remind people of their shifts",
    "app.reminders.jobs.forget_old": "Forget old reminders",
    "app.operations.jobs.check": "Look for what is wrong",
    "app.operations.jobs.check_books": "Add up the urgent requests",
    "app.operations.jobs.count_messages": "Count the messages",
}
CARRIER_NAMES: Final = {
    "twilio": "Twilio",
    "notify": "GOV.UK Notify",
    "simulator": "The simulator",
    "smtp": "The mail server",
    "email": "The mail server",
}


def task_name(path: str) -> str:
    """A periodic task in plain words; by its feature and function where nobody gave it a name."""
    if path in TASK_NAMES:
        return TASK_NAMES[path]
    parts = path.split(".")
    feature = parts[1] if len(parts) > 2 else parts[0]
    return f"{feature}: {parts[-1]}".replace("_", " ").capitalize()


def subject_of(begun: Sequence[Alarm], lasting: Sequence[Alarm], over: Sequence[Alarm]) -> str:
    """The subject line of an alarm's email, the worst first."""
    if begun:
        return _counted(len(begun), "is wrong", "are wrong")
    if lasting:
        return _counted(len(lasting), "is still wrong", "are still wrong")
    return _counted(len(over), "is well again", "are well again")


def _counted(number: int, one: str, many: str) -> str:
    return f"Many Hands: {number} thing{'' if number == 1 else 's'} {one if number == 1 else many}"


def paragraphs_of(
    begun: Sequence[Alarm], lasting: Sequence[Alarm], over: Sequence[Alarm]
) -> list[str]:
    """The sentences of an alarm's email: facts and what to do, nothing of any person."""
    said: list[str] = []
    if begun:
        said.append("For five minutes or more this has been wrong:")
        said += [f"{alarm.sentence} {alarm.advice}".strip() for alarm in begun]
    if lasting:
        said.append("Still wrong since yesterday or longer:" if begun else "Still wrong:")
        said += [f"{alarm.sentence} {alarm.advice}".strip() for alarm in lasting]
    if over:
        said.append("Well again:")
        said += [f"It was: {alarm.sentence}" for alarm in over]
    return said
