"""reminders of shifts: rounds, who got one, the sweep's beat, and when each person wishes them

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
FLAGS = sa.BigInteger()
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.add_column('volunteer', sa.Column('reminders', FLAGS, nullable=False, server_default='2'))
    op.create_table(
        'reminder_round',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('revision', BIG, nullable=False),
        sa.Column('lead', FLAGS, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('zone', sa.String(length=40), nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('last_call', MOMENT, nullable=False),
        sa.Column('fresh_from', MOMENT, nullable=False),
        sa.Column('done_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['shift_id'], ['shift.id'],
            name=op.f('fk_reminder_round_shift_id_shift'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_round')),
        sa.UniqueConstraint(
            'shift_id', 'revision', 'lead',
            name=op.f('uq_reminder_round_shift_id_revision_lead'),
        ),
    )
    op.create_index(op.f('ix_reminder_round_due_at'), 'reminder_round', ['due_at'])
    op.create_index(
        'ix_reminder_round_open', 'reminder_round', ['due_at'],
        sqlite_where=sa.text('done_at IS NULL'), postgresql_where=sa.text('done_at IS NULL'),
    )
    op.create_table(
        'reminder',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('signup_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('lead', FLAGS, nullable=False),
        sa.Column('revision', BIG, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('due_at', MOMENT, nullable=False),
        sa.Column('outcome', sa.String(length=24), nullable=False),
        sa.Column('by_text', sa.Boolean(), nullable=False),
        sa.Column('cause', sa.String(length=60), nullable=False),
        sa.Column('written_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['signup_id'], ['signup.id'],
            name=op.f('fk_reminder_signup_id_signup'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['volunteer_id'], ['volunteer.id'],
            name=op.f('fk_reminder_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder')),
        sa.UniqueConstraint(
            'signup_id', 'lead', 'revision', name=op.f('uq_reminder_signup_id_lead_revision')
        ),
    )
    op.create_index(op.f('ix_reminder_due_at'), 'reminder', ['due_at'])
    op.create_index(
        'ix_reminder_due', 'reminder', ['volunteer_id'],
        sqlite_where=sa.text("outcome = 'due'"), postgresql_where=sa.text("outcome = 'due'"),
    )
    op.create_index('ix_reminder_volunteer_written', 'reminder', ['volunteer_id', 'written_at'])
    op.create_table(
        'reminder_beat',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('name', sa.String(length=20), nullable=False),
        sa.Column('began_at', MOMENT, nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_reminder_beat')),
        sa.UniqueConstraint('name', name=op.f('uq_reminder_beat_name')),
    )


def downgrade() -> None:
    op.drop_table('reminder_beat')
    op.drop_table('reminder')
    op.drop_table('reminder_round')
    op.drop_column('volunteer', 'reminders')
