"""two volunteers swap their places

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0029'
down_revision = '0028'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
PENDING = "state IN ('open', 'accepted')"


def upgrade() -> None:
    op.add_column(
        'organisation',
        sa.Column('swaps_need_yes', sa.Boolean(), server_default=sa.false(), nullable=False),
    )
    op.create_table(
        'swap',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('signup_id', BIG, nullable=False),
        sa.Column('to_volunteer_id', BIG, nullable=True),
        sa.Column('wanted_signup_id', BIG, nullable=True),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('taken_by_id', BIG, nullable=True),
        sa.Column('decided_by_id', BIG, nullable=True),
        sa.Column('ended_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_swap')),
        sa.ForeignKeyConstraint(
            ['signup_id'], ['signup.id'],
            name=op.f('fk_swap_signup_id_signup'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['to_volunteer_id'], ['volunteer.id'],
            name=op.f('fk_swap_to_volunteer_id_volunteer'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['wanted_signup_id'], ['signup.id'],
            name=op.f('fk_swap_wanted_signup_id_signup'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['taken_by_id'], ['volunteer.id'],
            name=op.f('fk_swap_taken_by_id_volunteer'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['decided_by_id'], ['account.id'],
            name=op.f('fk_swap_decided_by_id_account'), ondelete='SET NULL',
        ),
    )
    op.create_index(
        'uq_swap_pending', 'swap', ['signup_id'], unique=True,
        sqlite_where=sa.text(PENDING), postgresql_where=sa.text(PENDING),
    )
    for column in ('to_volunteer_id', 'wanted_signup_id', 'taken_by_id'):
        op.create_index(op.f(f'ix_swap_{column}'), 'swap', [column])


def downgrade() -> None:
    op.drop_table('swap')
    op.drop_column('organisation', 'swaps_need_yes')
