"""waves and what came of requests; warnings, and limits set aside

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    with op.batch_alter_table('broadcast') as batch:
        batch.add_column(sa.Column('ignores_budget', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('is_telling', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column('warning', sa.String(length=200), nullable=False, server_default=''))
        batch.add_column(sa.Column('advice', sa.String(length=200), nullable=False, server_default=''))
    with op.batch_alter_table('broadcast') as batch:
        for name in ('ignores_budget', 'is_telling', 'warning', 'advice'):
            batch.alter_column(name, server_default=None)
    op.create_table(
        'broadcast_wave',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('broadcast_id', BIG, nullable=False),
        sa.Column('wave', BIG, nullable=False),
        sa.Column('asked_at', MOMENT, nullable=False),
        sa.Column('size', BIG, nullable=False),
        sa.Column('chance', sa.Float(), nullable=False),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ['broadcast_id'], ['broadcast.id'],
            name=op.f('fk_broadcast_wave_broadcast_id_broadcast'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_broadcast_wave')),
        sa.UniqueConstraint('broadcast_id', 'wave', name=op.f('uq_broadcast_wave_broadcast_id_wave')),
    )
    op.create_table(
        'broadcast_outcome',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('broadcast_id', BIG, nullable=False),
        sa.Column('asked', BIG, nullable=False),
        sa.Column('yes', BIG, nullable=False),
        sa.Column('no', BIG, nullable=False),
        sa.Column('answers', BIG, nullable=False),
        sa.Column('log_sum', sa.Float(), nullable=False),
        sa.Column('log_squares', sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ['broadcast_id'], ['broadcast.id'],
            name=op.f('fk_broadcast_outcome_broadcast_id_broadcast'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_broadcast_outcome')),
        sa.UniqueConstraint('broadcast_id', name=op.f('uq_broadcast_outcome_broadcast_id')),
    )
    # Requests under way: what was asked so far becomes waves, hoped of as is usual.
    op.execute(
        "INSERT INTO broadcast_wave "
        "(created_at, broadcast_id, wave, asked_at, size, chance, reason) "
        "SELECT min(r.asked_at), r.broadcast_id, r.wave, min(r.asked_at), count(*), 0.15, '' "
        "FROM recipient r JOIN broadcast b ON b.id = r.broadcast_id "
        "WHERE r.wave IS NOT NULL AND r.asked_at IS NOT NULL "
        "AND b.state IN ('running', 'paused') GROUP BY r.broadcast_id, r.wave"
    )


def downgrade() -> None:
    op.drop_table('broadcast_outcome')
    op.drop_table('broadcast_wave')
    with op.batch_alter_table('broadcast') as batch:
        for name in ('advice', 'warning', 'is_telling', 'ignores_budget'):
            batch.drop_column(name)
