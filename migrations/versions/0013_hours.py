"""when people came and left, hours, statements, and the tablet in the building

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)


def upgrade():
    op.create_table(
        'attendance',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('signup_id', BIG, nullable=True),
        sa.Column('came_at', MOMENT, nullable=True),
        sa.Column('left_at', MOMENT, nullable=True),
        sa.Column('came_by', sa.Enum('board', 'tablet', 'staff', 'code', 'poster', 'text', 'manager', 'asked', 'rule', native_enum=False, length=24, create_constraint=False), nullable=True),
        sa.Column('left_by', sa.Enum('board', 'tablet', 'staff', 'code', 'poster', 'text', 'manager', 'asked', 'rule', native_enum=False, length=24, create_constraint=False), nullable=True),
        sa.Column('is_exact', sa.Boolean(), nullable=False),
        sa.Column('extra_minutes', BIG, nullable=True),
        sa.Column('asked_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], ondelete='CASCADE', name=op.f('fk_attendance_shift_id_shift')),
        sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], ondelete='CASCADE', name=op.f('fk_attendance_signup_id_signup')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteer.id'], ondelete='CASCADE', name=op.f('fk_attendance_volunteer_id_volunteer')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance')),
        sa.UniqueConstraint('shift_id', 'volunteer_id', name=op.f('uq_attendance_shift_id_volunteer_id')),
        sa.UniqueConstraint('signup_id', name=op.f('uq_attendance_signup_id')),
    )
    op.create_index('ix_attendance_open', 'attendance', ['came_at'], unique=False, sqlite_where=sa.text('left_at IS NULL AND came_at IS NOT NULL'), postgresql_where=sa.text('left_at IS NULL AND came_at IS NOT NULL'))
    op.create_index('ix_attendance_volunteer_id', 'attendance', ['volunteer_id'], unique=False)
    op.create_table(
        'attendance_change',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('attendance_id', BIG, nullable=False),
        sa.Column('came_before', MOMENT, nullable=True),
        sa.Column('came_after', MOMENT, nullable=True),
        sa.Column('left_before', MOMENT, nullable=True),
        sa.Column('left_after', MOMENT, nullable=True),
        sa.Column('minutes_before', BIG, nullable=True),
        sa.Column('minutes_after', BIG, nullable=True),
        sa.Column('seen', sa.Enum('board', 'tablet', 'staff', 'code', 'poster', 'text', 'manager', 'asked', 'rule', native_enum=False, length=24, create_constraint=False), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.Column('reason', sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(['attendance_id'], ['attendance.id'], ondelete='CASCADE', name=op.f('fk_attendance_change_attendance_id_attendance')),
        sa.ForeignKeyConstraint(['by_user_id'], ['account.id'], ondelete='SET NULL', name=op.f('fk_attendance_change_by_user_id_account')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_attendance_change')),
    )
    op.create_index('ix_attendance_change_attendance_id', 'attendance_change', ['attendance_id'], unique=False)
    op.create_table(
        'hours_request',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('group_id', BIG, nullable=False),
        sa.Column('signup_id', BIG, nullable=True),
        sa.Column('day', sa.Date(), nullable=False),
        sa.Column('minutes', BIG, nullable=False),
        sa.Column('came_at', MOMENT, nullable=True),
        sa.Column('left_at', MOMENT, nullable=True),
        sa.Column('what', sa.String(300), nullable=False),
        sa.Column('state', sa.Enum('waiting', 'approved', 'refused', 'withdrawn', native_enum=False, length=24, create_constraint=False), nullable=False),
        sa.Column('decided_by_id', BIG, nullable=True),
        sa.Column('decided_at', MOMENT, nullable=True),
        sa.Column('answer', sa.String(300), nullable=False),
        sa.ForeignKeyConstraint(['decided_by_id'], ['account.id'], ondelete='SET NULL', name=op.f('fk_hours_request_decided_by_id_account')),
        sa.ForeignKeyConstraint(['group_id'], ['organisation.id'], ondelete='CASCADE', name=op.f('fk_hours_request_group_id_organisation')),
        sa.ForeignKeyConstraint(['signup_id'], ['signup.id'], ondelete='CASCADE', name=op.f('fk_hours_request_signup_id_signup')),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteer.id'], ondelete='CASCADE', name=op.f('fk_hours_request_volunteer_id_volunteer')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_hours_request')),
    )
    op.create_index('ix_hours_request_group_state', 'hours_request', ['group_id', 'state'], unique=False)
    op.create_index('ix_hours_request_volunteer_state', 'hours_request', ['volunteer_id', 'state'], unique=False)
    op.create_table(
        'statement',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('volunteer_id', BIG, nullable=False),
        sa.Column('code', sa.String(16), nullable=False),
        sa.Column('contents', sa.JSON(), nullable=False),
        sa.Column('signature', sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(['volunteer_id'], ['volunteer.id'], ondelete='CASCADE', name=op.f('fk_statement_volunteer_id_volunteer')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_statement')),
        sa.UniqueConstraint('code', name=op.f('uq_statement_code')),
    )
    op.create_index('ix_statement_volunteer_id', 'statement', ['volunteer_id'], unique=False)
    op.create_table(
        'site_pin',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('site_id', BIG, nullable=False),
        sa.Column('pin_hash', sa.String(200), nullable=False),
        sa.Column('failures', BIG, nullable=False, server_default='0'),
        sa.Column('locked_until', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], ondelete='CASCADE', name=op.f('fk_site_pin_site_id_site')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_site_pin')),
        sa.UniqueConstraint('site_id', name=op.f('uq_site_pin_site_id')),
    )
    op.create_table(
        'device',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('site_id', BIG, nullable=False),
        sa.Column('name', sa.String(60), nullable=False),
        sa.Column('code_hash', sa.String(64), nullable=True),
        sa.Column('code_until', MOMENT, nullable=True),
        sa.Column('token_hash', sa.String(64), nullable=True),
        sa.Column('paired_at', MOMENT, nullable=True),
        sa.Column('seen_at', MOMENT, nullable=True),
        sa.Column('staff_until', MOMENT, nullable=True),
        sa.Column('revoked_at', MOMENT, nullable=True),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.ForeignKeyConstraint(['by_user_id'], ['account.id'], ondelete='SET NULL', name=op.f('fk_device_by_user_id_account')),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], ondelete='CASCADE', name=op.f('fk_device_site_id_site')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_device')),
        sa.UniqueConstraint('code_hash', name=op.f('uq_device_code_hash')),
        sa.UniqueConstraint('token_hash', name=op.f('uq_device_token_hash')),
    )
    op.create_index('ix_device_site_id', 'device', ['site_id'], unique=False)
    op.create_table(
        'device_event',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('site_id', BIG, nullable=False),
        sa.Column('device_id', BIG, nullable=True),
        sa.Column('act', sa.Enum('paired', 'revoked', 'pin-set', 'opened', 'wrong-pin', 'locked', native_enum=False, length=24, create_constraint=False), nullable=False),
        sa.Column('by_user_id', BIG, nullable=True),
        sa.ForeignKeyConstraint(['by_user_id'], ['account.id'], ondelete='SET NULL', name=op.f('fk_device_event_by_user_id_account')),
        sa.ForeignKeyConstraint(['device_id'], ['device.id'], ondelete='SET NULL', name=op.f('fk_device_event_device_id_device')),
        sa.ForeignKeyConstraint(['site_id'], ['site.id'], ondelete='CASCADE', name=op.f('fk_device_event_site_id_site')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_device_event')),
    )
    op.create_index('ix_device_event_site_id', 'device_event', ['site_id'], unique=False)
    op.create_table(
        'knock',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('name', sa.String(100), nullable=False),
        sa.ForeignKeyConstraint(['shift_id'], ['shift.id'], ondelete='CASCADE', name=op.f('fk_knock_shift_id_shift')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_knock')),
    )
    op.create_index('ix_knock_shift_id', 'knock', ['shift_id'], unique=False)


def downgrade():
    op.drop_table('knock')
    op.drop_table('device_event')
    op.drop_table('device')
    op.drop_table('site_pin')
    op.drop_table('statement')
    op.drop_table('hours_request')
    op.drop_table('attendance_change')
    op.drop_table('attendance')
