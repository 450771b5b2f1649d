"""suggested rotas and the places that they propose

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'suggestion',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('last_day', sa.Date(), nullable=False),
        sa.Column('seed', BIG, nullable=False),
        sa.Column('progress', sa.String(length=24), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.Column('tries', BIG, nullable=False),
        sa.Column('fault', sa.String(length=300), nullable=False),
        sa.Column('figures', sa.JSON(), nullable=False),
        sa.Column('gaps', sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_suggestion_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_suggestion_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestion')),
    )
    op.create_index(op.f('ix_suggestion_group_id'), 'suggestion', ['group_id'])
    op.create_index('ix_suggestion_progress', 'suggestion', ['progress', 'changed_at'])
    op.create_table(
        'suggested_place',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('suggestion_id', BIG, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('slot_id', BIG, nullable=True),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('mark', sa.String(length=24), nullable=False),
        sa.Column('reasons', sa.JSON(), nullable=False),
        sa.Column('note', sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ['suggestion_id'], ['suggestion.id'],
            name=op.f('fk_suggested_place_suggestion_id_suggestion'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['shift_id'], ['shift.id'],
            name=op.f('fk_suggested_place_shift_id_shift'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['slot_id'], ['slot.id'],
            name=op.f('fk_suggested_place_slot_id_slot'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['volunteer_id'], ['volunteer.id'],
            name=op.f('fk_suggested_place_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_suggested_place')),
        sa.UniqueConstraint(
            'suggestion_id', 'shift_id', 'volunteer_id',
            name=op.f('uq_suggested_place_suggestion_id_shift_id_volunteer_id'),
        ),
    )
    for column in ('shift_id', 'slot_id', 'volunteer_id'):
        op.create_index(op.f(f'ix_suggested_place_{column}'), 'suggested_place', [column])


def downgrade() -> None:
    op.drop_table('suggested_place')
    op.drop_table('suggestion')
