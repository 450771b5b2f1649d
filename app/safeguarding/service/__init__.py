"""What is done for people's safety; each verb is one unit of work."""

from app.safeguarding.service.alarms import look_at, mark_seen, watch
from app.safeguarding.service.settings import change as change_settings

__all__ = ["change_settings", "look_at", "mark_seen", "watch"]
