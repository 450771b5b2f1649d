"""within how many days a manager answers, what happens then, and what is a yes by itself

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
DUE = 'answer_due_at IS NOT NULL'


def upgrade() -> None:
    op.add_column('opportunity', sa.Column('answer_days', BIG, server_default='3', nullable=False))
    op.add_column(
        'opportunity',
        sa.Column('unanswered', sa.String(length=24), server_default='decline', nullable=False),
    )
    op.add_column(
        'opportunity', sa.Column('approves', sa.BigInteger(), server_default='0', nullable=False)
    )
    op.add_column(
        'opportunity', sa.Column('approves_after', BIG, server_default='3', nullable=False)
    )
    op.add_column(
        'opportunity',
        sa.Column('approves_training', sa.BigInteger(), server_default='0', nullable=False),
    )
    op.add_column('signup', sa.Column('answer_remind_at', MOMENT, nullable=True))
    op.add_column('signup', sa.Column('answer_due_at', MOMENT, nullable=True))
    op.create_index(
        'ix_signup_answer_due', 'signup', ['answer_due_at'],
        sqlite_where=sa.text(DUE), postgresql_where=sa.text(DUE),
    )


def downgrade() -> None:
    op.drop_index('ix_signup_answer_due', table_name='signup')
    op.drop_column('signup', 'answer_due_at')
    op.drop_column('signup', 'answer_remind_at')
    for name in ('approves_training', 'approves_after', 'approves', 'unanswered', 'answer_days'):
        op.drop_column('opportunity', name)
