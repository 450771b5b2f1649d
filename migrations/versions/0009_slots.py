"""slots by duty, places offered for a time, and how a place was left

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')
MOMENT = sa.DateTime(timezone=True)
LIVE_BEFORE = "standing IN ('confirmed', 'waiting', 'attended', 'no-show')"
LIVE = "standing IN ('confirmed', 'waiting', 'offered', 'attended', 'no-show')"

SQLITE_TRIGGERS = (
    """CREATE TRIGGER signup_takes_place AFTER INSERT ON signup WHEN NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show')
BEGIN
  UPDATE slot SET taken = taken + 1 WHERE id = NEW.slot_id;
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id;
END""",
    """CREATE TRIGGER signup_frees_place AFTER DELETE ON signup WHEN OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show')
BEGIN
  UPDATE slot SET taken = taken - 1 WHERE id = OLD.slot_id;
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id;
END""",
    """CREATE TRIGGER signup_moves_place AFTER UPDATE OF standing, shift_id, slot_id ON signup
BEGIN
  UPDATE slot SET taken = taken - 1 WHERE id = OLD.slot_id AND OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show')
    AND NOT (NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show') AND NEW.slot_id IS OLD.slot_id);
  UPDATE slot SET taken = taken + 1 WHERE id = NEW.slot_id AND NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show')
    AND NOT (OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show') AND NEW.slot_id IS OLD.slot_id);
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id AND OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show')
    AND NOT (NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show') AND NEW.shift_id = OLD.shift_id);
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id AND NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show')
    AND NOT (OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show') AND NEW.shift_id = OLD.shift_id);
END""",
)
POSTGRESQL_TRIGGERS = (
    """CREATE FUNCTION count_places() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  old_shift bigint; new_shift bigint; old_slot bigint; new_slot bigint;
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.standing IN ('confirmed', 'offered', 'attended', 'no-show') THEN
    old_shift := OLD.shift_id; old_slot := OLD.slot_id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.standing IN ('confirmed', 'offered', 'attended', 'no-show') THEN
    new_shift := NEW.shift_id; new_slot := NEW.slot_id;
  END IF;
  IF old_slot IS DISTINCT FROM new_slot THEN
    UPDATE slot SET taken = taken - 1 WHERE id = old_slot;
    UPDATE slot SET taken = taken + 1 WHERE id = new_slot;
  END IF;
  IF old_shift IS DISTINCT FROM new_shift THEN
    UPDATE shift SET taken = taken - 1 WHERE id = old_shift;
    UPDATE shift SET taken = taken + 1 WHERE id = new_shift;
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER signup_counts_places
AFTER INSERT OR DELETE OR UPDATE OF standing, shift_id, slot_id
ON signup FOR EACH ROW EXECUTE FUNCTION count_places()""",
)
SQLITE_TRIGGERS_BEFORE = (
    """CREATE TRIGGER signup_takes_place AFTER INSERT ON signup WHEN NEW.standing IN ('confirmed', 'attended', 'no-show')
BEGIN UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id; END""",
    """CREATE TRIGGER signup_frees_place AFTER DELETE ON signup WHEN OLD.standing IN ('confirmed', 'attended', 'no-show')
BEGIN UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id; END""",
    """CREATE TRIGGER signup_moves_place AFTER UPDATE OF standing, shift_id ON signup
BEGIN
  UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id AND OLD.standing IN ('confirmed', 'attended', 'no-show')
    AND NOT (NEW.standing IN ('confirmed', 'attended', 'no-show') AND NEW.shift_id = OLD.shift_id);
  UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id AND NEW.standing IN ('confirmed', 'attended', 'no-show')
    AND NOT (OLD.standing IN ('confirmed', 'attended', 'no-show') AND NEW.shift_id = OLD.shift_id);
END""",
)
POSTGRESQL_TRIGGERS_BEFORE = (
    """CREATE FUNCTION count_places() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP <> 'INSERT' AND OLD.standing IN ('confirmed', 'attended', 'no-show') THEN
    IF TG_OP = 'UPDATE' AND NEW.standing IN ('confirmed', 'attended', 'no-show') AND NEW.shift_id = OLD.shift_id THEN
      RETURN NEW;
    END IF;
    UPDATE shift SET taken = taken - 1 WHERE id = OLD.shift_id;
  END IF;
  IF TG_OP <> 'DELETE' AND NEW.standing IN ('confirmed', 'attended', 'no-show') THEN
    UPDATE shift SET taken = taken + 1 WHERE id = NEW.shift_id;
  END IF;
  RETURN NULL;
END $$""",
    """CREATE TRIGGER signup_counts_places AFTER INSERT OR DELETE OR UPDATE OF standing, shift_id
ON signup FOR EACH ROW EXECUTE FUNCTION count_places()""",
)


def _drop_triggers() -> None:
    if op.get_bind().dialect.name == 'postgresql':
        op.execute('DROP TRIGGER signup_counts_places ON signup')
        op.execute('DROP FUNCTION count_places()')
    else:
        for name in ('signup_takes_place', 'signup_frees_place', 'signup_moves_place'):
            op.execute(f'DROP TRIGGER {name}')


def _make_triggers(sqlite: tuple[str, ...], postgresql: tuple[str, ...]) -> None:
    for trigger in postgresql if op.get_bind().dialect.name == 'postgresql' else sqlite:
        op.execute(sa.DDL(trigger.replace('%', '%%')))


def _make_live_index(condition: str) -> None:
    op.create_index(
        'uq_signup_live', 'signup', ['shift_id', 'volunteer_id'], unique=True,
        sqlite_where=sa.text(condition), postgresql_where=sa.text(condition),
    )


def upgrade() -> None:
    op.create_table(
        'duty',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('opportunity_id', BIG, nullable=False),
        sa.Column('name', sa.String(length=60), nullable=False),
        sa.Column('rank', BIG, nullable=False),
        sa.Column('in_charge', sa.Boolean(), nullable=False),
        sa.Column('needs_skills', BIG, nullable=False),
        sa.Column('needs_languages', BIG, nullable=False),
        sa.Column('needs_training', BIG, nullable=False),
        sa.Column('minimum_age', BIG, nullable=False),
        sa.Column('retired_at', MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ['opportunity_id'], ['opportunity.id'],
            name=op.f('fk_duty_opportunity_id_opportunity'), ondelete='CASCADE',
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_duty')),
    )
    op.create_index(op.f('ix_duty_opportunity_id'), 'duty', ['opportunity_id'])
    op.create_table(
        'slot',
        sa.Column('id', BIG, nullable=False),
        sa.Column('created_at', MOMENT, nullable=False),
        sa.Column('shift_id', BIG, nullable=False),
        sa.Column('duty_id', BIG, nullable=False),
        sa.Column('places', BIG, nullable=False),
        sa.Column('minimum', BIG, nullable=False),
        sa.Column('taken', BIG, nullable=False, server_default='0'),
        sa.CheckConstraint('taken >= 0 AND taken <= places', name=op.f('ck_slot_not_oversold')),
        sa.CheckConstraint('minimum >= 0 AND minimum <= places', name=op.f('ck_slot_minimum_fits')),
        sa.ForeignKeyConstraint(
            ['duty_id'], ['duty.id'], name=op.f('fk_slot_duty_id_duty'), ondelete='CASCADE'
        ),
        sa.ForeignKeyConstraint(
            ['shift_id'], ['shift.id'], name=op.f('fk_slot_shift_id_shift'), ondelete='CASCADE'
        ),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_slot')),
        sa.UniqueConstraint('shift_id', 'duty_id', name=op.f('uq_slot_shift_id_duty_id')),
    )
    op.create_index(op.f('ix_slot_duty_id'), 'slot', ['duty_id'])
    with op.batch_alter_table('pattern') as batch:
        batch.add_column(sa.Column('team', sa.JSON(), nullable=False, server_default='[]'))
    with op.batch_alter_table('shift') as batch:
        batch.add_column(sa.Column('version', BIG, nullable=False, server_default='0'))
    _drop_triggers()
    op.drop_index('uq_signup_live', table_name='signup')
    # SQLite makes the table anew for a foreign key, and its triggers go with the old one.
    with op.batch_alter_table('signup') as batch:
        batch.add_column(sa.Column('slot_id', BIG, nullable=True))
        batch.add_column(sa.Column('offered_until', MOMENT, nullable=True))
        batch.add_column(sa.Column('assured_at', MOMENT, nullable=True))
        batch.add_column(sa.Column('agreed_revision', BIG, nullable=False, server_default='0'))
        batch.add_column(sa.Column('notice', sa.String(length=24), nullable=True))
        batch.create_foreign_key(
            op.f('fk_signup_slot_id_slot'), 'slot', ['slot_id'], ['id'], ondelete='SET NULL'
        )
    op.create_index(op.f('ix_signup_slot_id'), 'signup', ['slot_id'])
    _make_live_index(LIVE)
    # Whoever had a place before knew of the shift as it stands.
    op.execute(
        'UPDATE signup SET agreed_revision = '
        '(SELECT shift.revision FROM shift WHERE shift.id = signup.shift_id)'
    )
    _make_triggers(SQLITE_TRIGGERS, POSTGRESQL_TRIGGERS)


def downgrade() -> None:
    _drop_triggers()
    op.execute("DELETE FROM signup WHERE standing = 'offered'")
    op.drop_index('uq_signup_live', table_name='signup')
    op.drop_index(op.f('ix_signup_slot_id'), table_name='signup')
    with op.batch_alter_table('signup') as batch:
        batch.drop_constraint(op.f('fk_signup_slot_id_slot'), type_='foreignkey')
        for name in ('notice', 'agreed_revision', 'assured_at', 'offered_until', 'slot_id'):
            batch.drop_column(name)
    _make_live_index(LIVE_BEFORE)
    with op.batch_alter_table('shift') as batch:
        batch.drop_column('version')
    with op.batch_alter_table('pattern') as batch:
        batch.drop_column('team')
    op.drop_table('slot')
    op.drop_table('duty')
    _make_triggers(SQLITE_TRIGGERS_BEFORE, POSTGRESQL_TRIGGERS_BEFORE)
