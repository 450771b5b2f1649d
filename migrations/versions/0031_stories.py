"""thanks, case studies and photographs with their consent

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0031'
down_revision = '0030'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def _key(table: str, column: str, to: str, gone: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f'{to}.id'], name=op.f(f'fk_{table}_{column}_{to}'), ondelete=gone
    )


def upgrade() -> None:
    op.create_table(
        'thanks',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('shift_id', BIG, nullable=True),
        sa.Column('words', sa.String(length=300), nullable=False),
        sa.Column('may_print', sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_thanks')),
        _key('thanks', 'group_id', 'organisation', 'CASCADE'),
        _key('thanks', 'by_user_id', 'account', 'SET NULL'),
        _key('thanks', 'shift_id', 'shift', 'SET NULL'),
    )
    op.create_index('ix_thanks_group_created', 'thanks', ['group_id', 'created_at'])
    op.create_index('ix_thanks_created', 'thanks', ['created_at'])
    op.create_index(op.f('ix_thanks_shift_id'), 'thanks', ['shift_id'])
    op.create_table(
        'thanked',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('thanks_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('seen_at', MOMENT, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_thanked')),
        _key('thanked', 'thanks_id', 'thanks', 'CASCADE'),
        _key('thanked', 'volunteer_id', 'volunteer', 'CASCADE'),
        sa.UniqueConstraint(
            'thanks_id', 'volunteer_id', name=op.f('uq_thanked_thanks_id_volunteer_id')
        ),
    )
    op.create_index('ix_thanked_volunteer_seen', 'thanked', ['volunteer_id', 'seen_at'])
    op.create_table(
        'case_study',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('state', sa.String(length=24), nullable=False),
        sa.Column('title', sa.String(length=100), nullable=False),
        sa.Column('summary', sa.String(length=200), nullable=False),
        sa.Column('body', sa.Text(), nullable=False),
        sa.Column('quotation', sa.String(length=300), nullable=False),
        sa.Column('quotation_by', sa.String(length=100), nullable=False),
        sa.Column('quotation_agreed_at', MOMENT, nullable=True),
        sa.Column('answer', sa.String(length=500), nullable=False),
        sa.Column('offered_at', MOMENT, nullable=True),
        sa.Column('published_at', MOMENT, nullable=True),
        sa.Column('published_by_id', BIG, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_case_study')),
        _key('case_study', 'group_id', 'organisation', 'CASCADE'),
        _key('case_study', 'by_user_id', 'account', 'SET NULL'),
        _key('case_study', 'published_by_id', 'account', 'SET NULL'),
    )
    op.create_index('ix_case_study_state_published', 'case_study', ['state', 'published_at'])
    op.create_index('ix_case_study_group', 'case_study', ['group_id', 'id'])
    op.create_table(
        'in_study',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('case_study_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_in_study')),
        _key('in_study', 'case_study_id', 'case_study', 'CASCADE'),
        _key('in_study', 'volunteer_id', 'volunteer', 'CASCADE'),
        sa.UniqueConstraint(
            'case_study_id', 'volunteer_id', name=op.f('uq_in_study_case_study_id_volunteer_id')
        ),
    )
    op.create_index(op.f('ix_in_study_volunteer_id'), 'in_study', ['volunteer_id'])
    op.create_table(
        'photograph',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('case_study_id', BIG, nullable=False),
        sa.Column('alt', sa.String(length=200), nullable=False),
        sa.Column('consent_by', sa.String(length=100), nullable=False),
        sa.Column('consent_on', sa.Date(), nullable=False),
        sa.Column('for_web', sa.Boolean(), nullable=False),
        sa.Column('for_print', sa.Boolean(), nullable=False),
        sa.Column('digest', sa.String(length=16), nullable=False),
        sa.Column('width', BIG, nullable=False),
        sa.Column('height', BIG, nullable=False),
        sa.Column('small_width', BIG, nullable=False),
        sa.Column('small_height', BIG, nullable=False),
        sa.Column('large', sa.LargeBinary(), nullable=False),
        sa.Column('small', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_photograph')),
        _key('photograph', 'case_study_id', 'case_study', 'CASCADE'),
        sa.UniqueConstraint('case_study_id', name=op.f('uq_photograph_case_study_id')),
    )


def downgrade() -> None:
    for table in ('photograph', 'in_study', 'case_study', 'thanked', 'thanks'):
        op.drop_table(table)
