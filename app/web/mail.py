"""The look of our emails: the same sentences as text and as plain HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template

from app.foundation.sentences import gettext


@dataclass(frozen=True)
class Mail:
    """The two parts of an email's body."""

    text: str
    html: str


def greeting(first_name: str) -> str:
    """How each letter to a volunteer begins."""
    return gettext("Hello %(name)s,", name=first_name)


def compose(
    paragraphs: Sequence[str],
    *,
    action: tuple[str, str] | None = None,
    closing: str = "Many Hands",
) -> Mail:
    """Both parts of an email from plain sentences and, perhaps, one (label, address) to follow."""
    lines = [*paragraphs]
    if action:
        lines.append(f"{action[0]}: {action[1]}")
    lines.append(closing)
    html = render_template("mail.html", paragraphs=paragraphs, action=action, closing=closing)
    return Mail(text="\n\n".join(lines) + "\n", html=html)
