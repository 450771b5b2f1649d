"""annual reports, their PDFs and what an hour is worth

Revision ID: 0032
Revises: 0031
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0032'
down_revision = '0031'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        'annual_report',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('slug', sa.String(length=10), nullable=False),
        sa.Column('first_day', sa.Date(), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('progress', sa.String(length=24), nullable=False),
        sa.Column('changed_at', MOMENT, nullable=False),
        sa.Column('tries', BIG, nullable=False),
        sa.Column('fault', sa.String(length=300), nullable=False),
        sa.Column('doing', sa.String(length=80), nullable=False),
        sa.Column('done', BIG, nullable=False),
        sa.Column('of', BIG, nullable=False),
        sa.Column('contents', sa.JSON(), nullable=False),
        sa.Column('made_at', MOMENT, nullable=True),
        sa.Column('foreword', sa.Text(), nullable=False),
        sa.Column('foreword_by', sa.String(length=120), nullable=False),
        sa.Column('needs_print', sa.Boolean(), nullable=False),
        sa.Column('prints', BIG, nullable=False),
        sa.Column('published_at', MOMENT, nullable=True),
        sa.Column('published_by_id', BIG, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_annual_report')),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_annual_report_by_user_id_account'), ondelete='SET NULL',
        ),
        sa.ForeignKeyConstraint(
            ['published_by_id'], ['account.id'],
            name=op.f('fk_annual_report_published_by_id_account'), ondelete='SET NULL',
        ),
        sa.UniqueConstraint('slug', name=op.f('uq_annual_report_slug')),
    )
    op.create_index('ix_annual_report_progress', 'annual_report', ['progress', 'changed_at'])
    op.create_table(
        'annual_print',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('report_id', BIG, nullable=False),
        sa.Column('mark', sa.String(length=64), nullable=False),
        sa.Column('pages', BIG, nullable=False),
        sa.Column('size', BIG, nullable=False),
        sa.Column('pdf', sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_annual_print')),
        sa.ForeignKeyConstraint(
            ['report_id'], ['annual_report.id'],
            name=op.f('fk_annual_print_report_id_annual_report'), ondelete='CASCADE',
        ),
        sa.UniqueConstraint('report_id', name=op.f('uq_annual_print_report_id')),
    )
    op.create_table(
        'hour_value',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('pence', BIG, nullable=False),
        sa.Column('source', sa.String(length=300), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hour_value')),
        sa.ForeignKeyConstraint(
            ['by_user_id'], ['account.id'],
            name=op.f('fk_hour_value_by_user_id_account'), ondelete='SET NULL',
        ),
    )


def downgrade() -> None:
    for table in ('hour_value', 'annual_print', 'annual_report'):
        op.drop_table(table)
