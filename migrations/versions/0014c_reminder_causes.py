"""a reminder is found by the message that told of it

Revision ID: 0014c
Revises: 0012a
"""

from __future__ import annotations

from alembic import op

revision = '0014c'
down_revision = '0012a'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_reminder_cause'), 'reminder', ['cause'])


def downgrade() -> None:
    op.drop_index(op.f('ix_reminder_cause'), table_name='reminder')
