"""work that takes longer than a page

Revision ID: 0033
Revises: 0032
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0033'
down_revision = '0032'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'errand',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('kind', sa.String(length=60), nullable=False),
        sa.Column('about_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=False),
        sa.Column('group_id', BIG, nullable=True),
        sa.Column('label', sa.String(length=200), nullable=False),
        sa.Column('progress', sa.String(length=24), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.Column('tries', BIG, nullable=False),
        sa.Column('outcome', sa.String(length=300), nullable=False),
        sa.Column('seen_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_errand')),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_errand_by_user_id_account'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_errand_group_id_organisation'), ondelete='CASCADE',
        ),
    )
    op.create_index('ix_errand_by_user_id_created_at', 'errand', ['by_user_id', 'created_at'])
    op.create_index('ix_errand_kind_about_id', 'errand', ['kind', 'about_id'])
    op.create_index('ix_errand_progress', 'errand', ['progress'])
    op.create_index(op.f('ix_errand_group_id'), 'errand', ['group_id'])


def downgrade() -> None:
    op.drop_table('errand')
