"""what operations need: alarms, the brake, tallies, who serves which queue

Revision ID: 0004
Revises: 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('worker_heartbeat') as batch:
        batch.add_column(sa.Column('queues', sa.String(length=120), nullable=False, server_default=''))
    with op.batch_alter_table('worker_heartbeat') as batch:
        batch.alter_column('queues', server_default=None)
    with op.batch_alter_table('periodic_task') as batch:
        batch.add_column(sa.Column('failing_since', MOMENT, nullable=True))
    op.create_index(
        'ix_message_attempt', 'message', ['carrier', 'sending_at'],
        sqlite_where=sa.text('sending_at IS NOT NULL'), postgresql_where=sa.text('sending_at IS NOT NULL'),
    )
    op.create_table(
        'message_tally',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('lane', sa.String(length=10), nullable=False),
        sa.Column('number', ID, nullable=False),
        sa.Column('counted_at', MOMENT, nullable=False),
        sa.Column('milliseconds', ID, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_message_tally')),
        sa.UniqueConstraint('state', 'lane', name=op.f('uq_message_tally_state_lane')),
    )
    op.create_table(
        'sending_hold',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('is_open', sa.Boolean(), nullable=False),
        sa.Column('by_user_id', ID, nullable=True),
        sa.Column('reason', sa.String(length=200), nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.Column('ended_by_id', ID, nullable=True),
        sa.ForeignKeyConstraint(['by_user_id'], ['account.id'], name=op.f('fk_sending_hold_by_user_id_account'), ondelete='SET NULL'),
        sa.ForeignKeyConstraint(['ended_by_id'], ['account.id'], name=op.f('fk_sending_hold_ended_by_id_account'), ondelete='SET NULL'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_sending_hold')),
    )
    op.create_index(
        'uq_sending_hold_open', 'sending_hold', ['is_open'], unique=True,
        sqlite_where=sa.text('is_open'), postgresql_where=sa.text('is_open'),
    )
    op.create_table(
        'alarm',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('is_open', sa.Boolean(), nullable=False),
        sa.Column('kind', sa.String(length=24), nullable=False),
        sa.Column('subject', sa.String(length=200), nullable=False),
        sa.Column('sentence', sa.String(length=400), nullable=False),
        sa.Column('advice', sa.String(length=300), nullable=False),
        sa.Column('began_at', MOMENT, nullable=False),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.Column('reminded_at', MOMENT, nullable=True),
        sa.Column('well_since', MOMENT, nullable=True),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm')),
    )
    op.create_index(
        'uq_alarm_open', 'alarm', ['kind', 'subject'], unique=True,
        sqlite_where=sa.text('is_open'), postgresql_where=sa.text('is_open'),
    )
    op.create_index('ix_alarm_told_at', 'alarm', ['told_at'])
    op.create_table(
        'conservation_breach',
        sa.Column('id', ID, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('broadcast_id', ID, nullable=False),
        sa.Column('asked', ID, nullable=False),
        sa.Column('messages', ID, nullable=False),
        sa.Column('seen_at', MOMENT, nullable=False),
        sa.Column('mended_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['broadcast_id'], ['broadcast.id'], name=op.f('fk_conservation_breach_broadcast_id_broadcast'), ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_conservation_breach')),
        sa.UniqueConstraint('broadcast_id', name=op.f('uq_conservation_breach_broadcast_id')),
    )
    op.create_index(op.f('ix_conservation_breach_mended_at'), 'conservation_breach', ['mended_at'])


def downgrade() -> None:
    for table in ('conservation_breach', 'alarm', 'sending_hold', 'message_tally'):
        op.drop_table(table)
    op.drop_index('ix_message_attempt', 'message')
    with op.batch_alter_table('periodic_task') as batch:
        batch.drop_column('failing_since')
    with op.batch_alter_table('worker_heartbeat') as batch:
        batch.drop_column('queues')
