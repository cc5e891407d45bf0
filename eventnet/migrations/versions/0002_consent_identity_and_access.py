"""consent identity and access."""

import sqlalchemy as sa
from alembic import op

from eventnet import db
from eventnet.audit import guarding

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('erasures',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('key_hash', sa.Text(), nullable=True),
    sa.Column('email_hash', sa.Text(), nullable=True),
    sa.Column('erased_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_erasures_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasures')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_erasures_event_id_number'))
    )
    op.create_table('half_sign_ins',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('anchor_hash', sa.Text(), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_half_sign_ins_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_half_sign_ins')),
    sa.UniqueConstraint('anchor_hash', name=op.f('uq_half_sign_ins_anchor_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('half_sign_ins', schema=None) as batch_op:
        batch_op.create_index('ix_half_sign_ins_ends_at', ['ends_at'], unique=False)

    op.create_table('recovery_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_recovery_codes_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recovery_codes')),
    sa.UniqueConstraint('organizer_id', 'code_hash', name=op.f('uq_recovery_codes_organizer_id_code_hash'))
    )
    op.create_table('second_factors',
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=True),
    sa.Column('confirmed_at', db.UtcDateTime(), nullable=True),
    sa.Column('last_step', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('pending', sa.LargeBinary(), nullable=True),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_second_factors_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('organizer_id', name=op.f('pk_second_factors'))
    )
    op.create_table('team_invitations',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('invited_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('invited_at', db.UtcDateTime(), nullable=False),
    sa.Column('mailed_at', db.UtcDateTime(), nullable=False),
    sa.Column('mails', sa.Integer(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('accepted_at', db.UtcDateTime(), nullable=True),
    sa.Column('accepted_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('revoked_at', db.UtcDateTime(), nullable=True),
    sa.CheckConstraint("role in ('viewer', 'desk', 'manager', 'owner')", name=op.f('ck_team_invitations_role')),
    sa.ForeignKeyConstraint(['accepted_by'], ['organizers.id'], name=op.f('fk_team_invitations_accepted_by_organizers')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_team_invitations_event_id_events')),
    sa.ForeignKeyConstraint(['invited_by'], ['organizers.id'], name=op.f('fk_team_invitations_invited_by_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_team_invitations')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('team_invitations', schema=None) as batch_op:
        batch_op.create_index('ix_team_invitations_event_id', ['event_id'], unique=False)

    op.create_table('activation_codes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('proof', sa.Text(), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_activation_codes_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_activation_codes_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_activation_codes')),
    sa.UniqueConstraint('event_id', 'code_hash', name=op.f('uq_activation_codes_event_id_code_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('activation_codes', schema=None) as batch_op:
        batch_op.create_index('ix_activation_codes_attendee', ['event_id', 'attendee_id'], unique=False)

    op.create_table('address_changes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('old_address', sa.Text(), nullable=False),
    sa.Column('asked_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['browser_id'], ['browsers.id'], name=op.f('fk_address_changes_browser_id_browsers')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_address_changes_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_address_changes_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_address_changes')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('address_changes', schema=None) as batch_op:
        batch_op.create_index('ix_address_changes_browser', ['event_id', 'browser_id'], unique=False)

    op.create_table('answer_rounds',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.Column('people', db.JsonText(), nullable=False),
    sa.Column('scans', db.JsonText(), nullable=False),
    sa.Column('before', db.JsonText(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('undone_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_answer_rounds_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_answer_rounds_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_answer_rounds')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('answer_rounds', schema=None) as batch_op:
        batch_op.create_index('ix_answer_rounds_attendee', ['event_id', 'attendee_id', 'id'], unique=False)

    op.create_table('blind_blocks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('blocker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('typed', sa.Text(), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('other_key', sa.Text(), nullable=False),
    sa.Column('takes_back', sa.Boolean(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('checked_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'blocker_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_blind_blocks_event_id_blocker_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_blind_blocks_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blind_blocks')),
    sa.UniqueConstraint('event_id', 'blocker_id', 'key', name=op.f('uq_blind_blocks_event_id_blocker_id_key')),
    sqlite_autoincrement=True
    )
    op.create_table('blocks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('blocker_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('blocked_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('takes_back', sa.Boolean(), nullable=False),
    sa.Column('seen', db.JsonText(), nullable=True),
    sa.Column('named_at', db.UtcDateTime(), nullable=True),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.CheckConstraint('blocker_id <> blocked_id', name=op.f('ck_blocks_two_people')),
    sa.ForeignKeyConstraint(['event_id', 'blocked_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_blocks_event_id_blocked_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'blocker_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_blocks_event_id_blocker_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_blocks_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_blocks')),
    sa.UniqueConstraint('event_id', 'blocker_id', 'blocked_id', name=op.f('uq_blocks_event_id_blocker_id_blocked_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('blocks', schema=None) as batch_op:
        batch_op.create_index('ix_blocks_blocked', ['event_id', 'blocked_id'], unique=False)

    op.create_table('desk_passes',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('made_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=True),
    sa.Column('pin_hash', sa.Text(), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('browser_label', sa.Text(), nullable=False),
    sa.Column('bound_at', db.UtcDateTime(), nullable=True),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.Column('locked_at', db.UtcDateTime(), nullable=True),
    sa.Column('wrong_pins', sa.Integer(), nullable=False),
    sa.Column('held_at', db.UtcDateTime(), nullable=True),
    sa.Column('revoked_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['browser_id'], ['browsers.id'], name=op.f('fk_desk_passes_browser_id_browsers')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_desk_passes_event_id_events')),
    sa.ForeignKeyConstraint(['made_by'], ['organizers.id'], name=op.f('fk_desk_passes_made_by_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_desk_passes')),
    sa.UniqueConstraint('event_id', 'number', name=op.f('uq_desk_passes_event_id_number')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_desk_passes_token_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('desk_passes', schema=None) as batch_op:
        batch_op.create_index('ix_desk_passes_browser', ['browser_id', 'event_id'], unique=False)

    op.create_table('kept_names',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('met_on', sa.Date(), nullable=True),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('promise', sa.Text(), nullable=False),
    sa.Column('tags', db.JsonText(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'owner_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_kept_names_event_id_owner_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_kept_names_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_kept_names')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('kept_names', schema=None) as batch_op:
        batch_op.create_index('ix_kept_names_owner', ['event_id', 'owner_id'], unique=False)

    op.create_table('known_browsers',
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('signed_in_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['browser_id'], ['browsers.id'], name=op.f('fk_known_browsers_browser_id_browsers'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_known_browsers_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('organizer_id', 'browser_id', name=op.f('pk_known_browsers'))
    )
    with op.batch_alter_table('known_browsers', schema=None) as batch_op:
        batch_op.create_index('ix_known_browsers_browser_id', ['browser_id'], unique=False)

    op.create_table('names_answers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked', sa.Text(), nullable=False),
    sa.Column('agreed', sa.Text(), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('answered_at', db.UtcDateTime(), nullable=False),
    sa.Column('ended_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_names_answers_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_names_answers_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_names_answers'))
    )
    with op.batch_alter_table('names_answers', schema=None) as batch_op:
        batch_op.create_index('ix_names_answers_living', ['event_id', 'attendee_id'], unique=True, sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.create_table('overruns',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('budget', sa.Text(), nullable=False),
    sa.Column('first_at', db.UtcDateTime(), nullable=False),
    sa.Column('last_at', db.UtcDateTime(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_overruns_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_overruns_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_overruns')),
    sa.UniqueConstraint('event_id', 'attendee_id', 'budget', name=op.f('uq_overruns_event_id_attendee_id_budget'))
    )
    op.create_table('recoveries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('last_used_at', db.UtcDateTime(), nullable=True),
    sa.Column('revoked_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_recoveries_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_recoveries_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recoveries')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_recoveries_token_hash'))
    )
    with op.batch_alter_table('recoveries', schema=None) as batch_op:
        batch_op.create_index('ix_recoveries_attendee', ['event_id', 'attendee_id'], unique=False)

    op.create_table('replacements',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('old_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('new_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('undone_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'new_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_replacements_event_id_new_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'old_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_replacements_event_id_old_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_replacements_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_replacements'))
    )
    with op.batch_alter_table('replacements', schema=None) as batch_op:
        batch_op.create_index('ix_replacements_new', ['event_id', 'new_id'], unique=False)
        batch_op.create_index('ix_replacements_old', ['event_id', 'old_id'], unique=False)

    op.create_table('reports',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reporter_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reported_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('settled_at', db.UtcDateTime(), nullable=True),
    sa.Column('settled_by', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'reported_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_reports_event_id_reported_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'reporter_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_reports_event_id_reporter_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_reports_event_id_events')),
    sa.ForeignKeyConstraint(['settled_by'], ['organizers.id'], name=op.f('fk_reports_settled_by_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reports')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.create_index('ix_reports_event', ['event_id', 'settled_at', 'id'], unique=False)
        batch_op.create_index('ix_reports_reported', ['event_id', 'reported_id'], unique=False)
        batch_op.create_index('ix_reports_reporter', ['event_id', 'reporter_id'], unique=False)

    with op.batch_alter_table('attendees', schema=None) as batch_op:
        batch_op.add_column(sa.Column('badge_text_at', db.UtcDateTime(), nullable=True))

    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_actor', ['event_id', 'actor', 'at'], unique=False)

    with op.batch_alter_table('browsers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('organizer_confirmed_at', db.UtcDateTime(), nullable=True))

    with op.batch_alter_table('cards', schema=None) as batch_op:
        batch_op.add_column(sa.Column('undecided', db.JsonText(), server_default='[]', nullable=False))

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.add_column(sa.Column('swaps_burst', sa.Integer(), server_default='60', nullable=False))
        batch_op.add_column(sa.Column('swaps_daily', sa.Integer(), server_default='300', nullable=False))
        batch_op.add_column(sa.Column('retention_days', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('protection_officer', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('purpose', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('legal_basis', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('legal_basis_words', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('hosting', sa.Text(), server_default='', nullable=False))
        batch_op.add_column(sa.Column('sensitive_since', db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('names_alone_since', db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('names_pairs_since', db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('activation_codes_at', db.UtcDateTime(), nullable=True))

    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.add_column(sa.Column('history', db.JsonText(), server_default='[]', nullable=False))
        batch_op.add_column(sa.Column('changed_at', db.UtcDateTime(), nullable=True))

    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.add_column(sa.Column('blocked_at', db.UtcDateTime(), nullable=True))

    with op.batch_alter_table('sign_in_requests', schema=None) as batch_op:
        batch_op.add_column(sa.Column('email_key', sa.Text(), nullable=True))
        batch_op.add_column(sa.Column('proven_at', db.UtcDateTime(), nullable=True))
        batch_op.add_column(sa.Column('proven_by', sa.Text(), nullable=True))

    with op.batch_alter_table('signed_in_browsers', schema=None) as batch_op:
        batch_op.add_column(sa.Column('held_since', db.UtcDateTime(), nullable=True))
    guarding.guard(op.get_bind())


def downgrade() -> None:
    guarding.lift(op.get_bind())
    with op.batch_alter_table('signed_in_browsers', schema=None) as batch_op:
        batch_op.drop_column('held_since')

    with op.batch_alter_table('sign_in_requests', schema=None) as batch_op:
        batch_op.drop_column('proven_by')
        batch_op.drop_column('proven_at')
        batch_op.drop_column('email_key')

    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.drop_column('blocked_at')

    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.drop_column('changed_at')
        batch_op.drop_column('history')

    with op.batch_alter_table('events', schema=None) as batch_op:
        batch_op.drop_column('activation_codes_at')
        batch_op.drop_column('names_pairs_since')
        batch_op.drop_column('names_alone_since')
        batch_op.drop_column('sensitive_since')
        batch_op.drop_column('hosting')
        batch_op.drop_column('legal_basis_words')
        batch_op.drop_column('legal_basis')
        batch_op.drop_column('purpose')
        batch_op.drop_column('protection_officer')
        batch_op.drop_column('retention_days')
        batch_op.drop_column('swaps_daily')
        batch_op.drop_column('swaps_burst')

    with op.batch_alter_table('cards', schema=None) as batch_op:
        batch_op.drop_column('undecided')

    with op.batch_alter_table('browsers', schema=None) as batch_op:
        batch_op.drop_column('organizer_confirmed_at')

    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_actor')

    with op.batch_alter_table('attendees', schema=None) as batch_op:
        batch_op.drop_column('badge_text_at')

    with op.batch_alter_table('reports', schema=None) as batch_op:
        batch_op.drop_index('ix_reports_reporter')
        batch_op.drop_index('ix_reports_reported')
        batch_op.drop_index('ix_reports_event')

    op.drop_table('reports')
    with op.batch_alter_table('replacements', schema=None) as batch_op:
        batch_op.drop_index('ix_replacements_old')
        batch_op.drop_index('ix_replacements_new')

    op.drop_table('replacements')
    with op.batch_alter_table('recoveries', schema=None) as batch_op:
        batch_op.drop_index('ix_recoveries_attendee')

    op.drop_table('recoveries')
    op.drop_table('overruns')
    with op.batch_alter_table('names_answers', schema=None) as batch_op:
        batch_op.drop_index('ix_names_answers_living', sqlite_where=sa.text('ended_at IS NULL'), postgresql_where=sa.text('ended_at IS NULL'))

    op.drop_table('names_answers')
    with op.batch_alter_table('known_browsers', schema=None) as batch_op:
        batch_op.drop_index('ix_known_browsers_browser_id')

    op.drop_table('known_browsers')
    with op.batch_alter_table('kept_names', schema=None) as batch_op:
        batch_op.drop_index('ix_kept_names_owner')

    op.drop_table('kept_names')
    with op.batch_alter_table('desk_passes', schema=None) as batch_op:
        batch_op.drop_index('ix_desk_passes_browser')

    op.drop_table('desk_passes')
    with op.batch_alter_table('blocks', schema=None) as batch_op:
        batch_op.drop_index('ix_blocks_blocked')

    op.drop_table('blocks')
    op.drop_table('blind_blocks')
    with op.batch_alter_table('answer_rounds', schema=None) as batch_op:
        batch_op.drop_index('ix_answer_rounds_attendee')

    op.drop_table('answer_rounds')
    with op.batch_alter_table('address_changes', schema=None) as batch_op:
        batch_op.drop_index('ix_address_changes_browser')

    op.drop_table('address_changes')
    with op.batch_alter_table('activation_codes', schema=None) as batch_op:
        batch_op.drop_index('ix_activation_codes_attendee')

    op.drop_table('activation_codes')
    with op.batch_alter_table('team_invitations', schema=None) as batch_op:
        batch_op.drop_index('ix_team_invitations_event_id')

    op.drop_table('team_invitations')
    op.drop_table('second_factors')
    op.drop_table('recovery_codes')
    with op.batch_alter_table('half_sign_ins', schema=None) as batch_op:
        batch_op.drop_index('ix_half_sign_ins_ends_at')

    op.drop_table('half_sign_ins')
    op.drop_table('erasures')
