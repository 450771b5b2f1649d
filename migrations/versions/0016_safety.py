"""what a group has set about safety, alarms about shifts, findings about people

Revision ID: 0016
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
OPEN = sa.text('solved_at IS NULL')


def upgrade() -> None:
    op.create_table(
        'safety_settings',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('alone_hours', BIG, nullable=False),
        sa.Column('digest', sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_safety_settings_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_safety_settings')),
        sa.UniqueConstraint('group_id', name=op.f('uq_safety_settings_group_id')),
    )
    op.create_table(
        'shift_alarm',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('danger', sa.String(length=24), nullable=False),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.Column('texted_at', MOMENT, nullable=True),
        sa.Column('seen_at', MOMENT, nullable=True),
        sa.Column('seen_by_id', BIG, nullable=True),
        sa.Column('solved_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_shift_alarm_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['shift_id'], ['shift.id'],
            name=op.f('fk_shift_alarm_shift_id_shift'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['seen_by_id'], ['account.id'],
            name=op.f('fk_shift_alarm_seen_by_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_shift_alarm')),
    )
    op.create_index(op.f('ix_shift_alarm_group_id'), 'shift_alarm', ['group_id'])
    op.create_index(op.f('ix_shift_alarm_shift_id'), 'shift_alarm', ['shift_id'])
    op.create_index(
        'uq_shift_alarm_open', 'shift_alarm', ['shift_id', 'danger'], unique=True,
        sqlite_where=OPEN, postgresql_where=OPEN,
    )
    op.create_table(
        'finding',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('signup_id', BIG, nullable=False),
        sa.Column('reason', sa.String(length=24), nullable=False),
        sa.Column('gone_at', MOMENT, nullable=True),
        sa.Column('told_at', MOMENT, nullable=True),
        sa.Column('verdict', sa.String(length=24), nullable=True),
        sa.Column('words', sa.String(length=300), nullable=False),
        sa.Column('keep_until', sa.Date(), nullable=True),
        sa.Column('decided_by_id', BIG, nullable=True),
        sa.Column('decided_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['group_id'], ['organisation.id'],
            name=op.f('fk_finding_group_id_organisation'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['signup_id'], ['signup.id'],
            name=op.f('fk_finding_signup_id_signup'), ondelete='CASCADE',
        ),
        sa.ForeignKeyConstraint(
            ['decided_by_id'], ['account.id'],
            name=op.f('fk_finding_decided_by_id_account'), ondelete='SET NULL',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_finding')),
        sa.UniqueConstraint('signup_id', 'reason', name=op.f('uq_finding_signup_id_reason')),
    )
    op.create_index('ix_finding_group_id_gone_at', 'finding', ['group_id', 'gone_at'])


def downgrade() -> None:
    for name in ('finding', 'shift_alarm', 'safety_settings'):
        op.drop_table(name)
