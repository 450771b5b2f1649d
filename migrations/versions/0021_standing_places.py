"""standing places, and the dates on which they are different

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'standing_place',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('pattern_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('duty_id', BIG, nullable=True),
        sa.Column('weekdays', BIG, nullable=False),
        sa.Column('every_weeks', BIG, nullable=False),
        sa.Column('phase', BIG, nullable=False),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('last_day', sa.Date(), nullable=True),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('decided_by_id', BIG, nullable=True),
        sa.Column('decided_at', MOMENT, nullable=True),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.Column('ended_by_id', BIG, nullable=True),
        sa.Column('keeps_made', sa.Boolean(), nullable=False),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['pattern_id'], ['pattern.id'],
            name=op.f('fk_standing_place_pattern_id_pattern'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['volunteer_id'], ['volunteer.id'],
            name=op.f('fk_standing_place_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['duty_id'], ['duty.id'],
            name=op.f('fk_standing_place_duty_id_duty'), ondelete='SET NULL',
        ),
        *(
            sa.ForeignKeyConstraint(
                [column], ['account.id'],
                name=op.f(f'fk_standing_place_{column}_account'), ondelete='SET NULL',
            )
            for column in ('by_user_id', 'decided_by_id', 'ended_by_id')
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_place')),
    )
    op.create_index(op.f('ix_standing_place_pattern_id'), 'standing_place', ['pattern_id'])
    op.create_index(op.f('ix_standing_place_state'), 'standing_place', ['state'])
    op.create_index(
        'ix_standing_place_volunteer_state', 'standing_place', ['volunteer_id', 'state']
    )
    op.create_table(
        'standing_date',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('standing_place_id', BIG, nullable=False),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('kind', sa.String(length=24), nullable=False),
        sa.Column('reason', sa.String(length=300), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('tried_at', MOMENT, nullable=True),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['standing_place_id'], ['standing_place.id'],
            name=op.f('fk_standing_date_standing_place_id_standing_place'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_standing_date_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_standing_date')),
        sa.UniqueConstraint(
            'standing_place_id', 'day', name=op.f('uq_standing_date_standing_place_id_day')
        ),
    )


def downgrade() -> None:
    op.drop_table('standing_date')
    op.drop_table('standing_place')
