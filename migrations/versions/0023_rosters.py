"""messages to rosters, and whom they did not reach

Revision ID: 0023
Revises: 0022
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def _to(table: str, column: str, of: str, *, on_delete: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f'{of}.id'], name=op.f(f'fk_{table}_{column}_{of}'), ondelete=on_delete
    )


def upgrade() -> None:
    op.create_table(
        'roster_message',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('scope', sa.String(length=24), nullable=False),
        sa.Column('shift_id', BIG, nullable=True),
        sa.Column('site_id', BIG, nullable=True),
        sa.Column('day', sa.Date(), nullable=True),
        sa.Column('opportunity_id', BIG, nullable=True),
        sa.Column('this_week', sa.Boolean(), nullable=False),
        sa.Column('channel', sa.String(length=24), nullable=False),
        sa.Column('subject', sa.String(length=120), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('run_id', BIG, nullable=True),
        sa.Column('sent_at', MOMENT, nullable=True),
        _to('roster_message', 'group_id', 'organisation', on_delete='CASCADE'),
        _to('roster_message', 'by_user_id', 'account', on_delete='SET NULL'),
        _to('roster_message', 'shift_id', 'shift', on_delete='SET NULL'),
        _to('roster_message', 'site_id', 'site', on_delete='SET NULL'),
        _to('roster_message', 'opportunity_id', 'opportunity', on_delete='SET NULL'),
        _to('roster_message', 'run_id', 'run', on_delete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_message')),
    )
    op.create_index('ix_roster_message_group_sent', 'roster_message', ['group_id', 'sent_at'])
    op.create_table(
        'roster_recipient',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('roster_message_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('reach', sa.String(length=24), nullable=False),
        _to('roster_recipient', 'roster_message_id', 'roster_message', on_delete='CASCADE'),
        _to('roster_recipient', 'volunteer_id', 'volunteer', on_delete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_roster_recipient')),
        sa.UniqueConstraint(
            'roster_message_id', 'volunteer_id',
            name=op.f('uq_roster_recipient_roster_message_id_volunteer_id'),
        ),
    )
    op.create_index(
        op.f('ix_roster_recipient_volunteer_id'), 'roster_recipient', ['volunteer_id']
    )


def downgrade() -> None:
    op.drop_table('roster_recipient')
    op.drop_table('roster_message')
