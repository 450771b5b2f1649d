"""Emails that somebody tries to bend, and what one bad email may not do to the others."""

from __future__ import annotations
