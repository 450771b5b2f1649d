"""a reminder is found by the message that told of it

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

from alembic import op

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_reminder_cause'), 'reminder', ['cause'])


def downgrade() -> None:
    op.drop_index(op.f('ix_reminder_cause'), table_name='reminder')
