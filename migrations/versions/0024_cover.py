"""cover: a group's rule, each time that it was needed, and a group's own small requests

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
LIVE = sa.text("state IN ('pending', 'asking')")


def upgrade() -> None:
    op.add_column('broadcast', sa.Column('origin', sa.String(length=20), nullable=False, server_default=''))
    op.add_column('broadcast', sa.Column('first_group_id', BIG, nullable=True))
    op.add_column('broadcast', sa.Column('only_first_group', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column('broadcast', sa.Column('most_people', BIG, nullable=True))
    op.create_table(
        'cover_rule',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('start', sa.String(length=24), nullable=False),
        sa.Column('within_hours', BIG, nullable=False),
        sa.Column('most_people', BIG, nullable=False),
        sa.Column('wait_minutes', BIG, nullable=False),
        sa.Column('reach', sa.String(length=24), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_cover_rule_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_cover_rule_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_cover_rule')),
        sa.UniqueConstraint('group_id', name=op.f('uq_cover_rule_group_id')),
    )
    op.create_table(
        'cover',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('cause', sa.String(length=24), nullable=False),
        sa.Column('most_people', BIG, nullable=False),
        sa.Column('reach', sa.String(length=24), nullable=False),
        sa.Column('starts_at', MOMENT, nullable=True),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('broadcast_id', BIG, nullable=True),
        sa.Column('stopped_by_id', BIG, nullable=True),
        sa.Column('note', sa.String(length=300), nullable=False),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['shift_id'], ['shift.id'], name=op.f('fk_cover_shift_id_shift'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_cover_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['broadcast_id'], ['broadcast.id'],
            name=op.f('fk_cover_broadcast_id_broadcast'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_cover_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['stopped_by_id'], ['account.id'],
            name=op.f('fk_cover_stopped_by_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_cover')),
    )
    op.create_index(op.f('ix_cover_group_id'), 'cover', ['group_id'])
    op.create_index(op.f('ix_cover_state'), 'cover', ['state'])
    op.create_index(op.f('ix_cover_broadcast_id'), 'cover', ['broadcast_id'])
    op.create_index('ix_cover_shift_state', 'cover', ['shift_id', 'state'])
    op.create_index(
        'uq_cover_live', 'cover', ['shift_id'], unique=True,
        sqlite_where=LIVE, postgresql_where=LIVE,
    )


def downgrade() -> None:
    op.drop_table('cover')
    op.drop_table('cover_rule')
    with op.batch_alter_table('broadcast') as batch:
        for name in ('most_people', 'only_first_group', 'first_group_id', 'origin'):
            batch.drop_column(name)
