"""the first tables."""

import sqlalchemy as sa
from alembic import op

from eventnet import db

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('budgets',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('key', sa.Text(), nullable=False),
    sa.Column('span_start', db.UtcDateTime(), nullable=False),
    sa.Column('used', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_budgets')),
    sa.UniqueConstraint('key', 'span_start', name=op.f('uq_budgets_key_span_start'))
    )
    with op.batch_alter_table('budgets', schema=None) as batch_op:
        batch_op.create_index('ix_budgets_span_start', ['span_start'], unique=False)

    op.create_table('events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('slug', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('zone', sa.Text(), nullable=False),
    sa.Column('starts_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('venue', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('swaps_open_at', db.UtcDateTime(), nullable=False),
    sa.Column('swaps_close_at', db.UtcDateTime(), nullable=False),
    sa.Column('swap_policy', sa.Text(), nullable=False),
    sa.Column('retention_months', sa.Integer(), nullable=False),
    sa.Column('controller', sa.Text(), nullable=False),
    sa.Column('controller_email', sa.Text(), nullable=False),
    sa.Column('region', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('forgotten_at', db.UtcDateTime(), nullable=True),
    sa.CheckConstraint("swap_policy in ('at_once', 'ask', 'paused')", name=op.f('ck_events_swap_policy')),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_events_order')),
    sa.CheckConstraint('retention_months between 1 and 24', name=op.f('ck_events_retention')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_events')),
    sa.UniqueConstraint('slug', name=op.f('uq_events_slug'))
    )
    op.create_table('organizers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('password_hash', sa.Text(), nullable=True),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('disabled_at', db.UtcDateTime(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_organizers')),
    sa.UniqueConstraint('email', name=op.f('uq_organizers_email'))
    )
    op.create_table('timetable',
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('next_at', db.UtcDateTime(), nullable=False),
    sa.Column('claimed_by', sa.Text(), nullable=True),
    sa.Column('last_beat_at', db.UtcDateTime(), nullable=True),
    sa.Column('last_error', sa.Text(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_timetable'))
    )
    op.create_table('attendees',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('external_key', sa.Text(), nullable=True),
    sa.Column('registered_name', sa.Text(), nullable=False),
    sa.Column('badge_name', sa.Text(), nullable=False),
    sa.Column('given_name', sa.Text(), nullable=False),
    sa.Column('family_name', sa.Text(), nullable=False),
    sa.Column('category', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('organization', sa.Text(), nullable=False),
    sa.Column('email', sa.Text(), nullable=False),
    sa.Column('email_key', sa.Text(), nullable=False),
    sa.Column('phone', sa.Text(), nullable=False),
    sa.Column('linkedin', sa.Text(), nullable=False),
    sa.Column('website', sa.Text(), nullable=False),
    sa.Column('school', sa.Text(), nullable=False),
    sa.Column('programme', sa.Text(), nullable=False),
    sa.Column('class_year', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('sort_key', sa.Text().with_variant(sa.Text(collation='C'), 'postgresql'), nullable=False),
    sa.Column('edits', db.JsonText(), nullable=False),
    sa.Column('generation', sa.Integer(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('changed_at', db.UtcDateTime(), nullable=False),
    sa.Column('checked_in_at', db.UtcDateTime(), nullable=True),
    sa.Column('activated_at', db.UtcDateTime(), nullable=True),
    sa.Column('not_taking_part_at', db.UtcDateTime(), nullable=True),
    sa.Column('removed_at', db.UtcDateTime(), nullable=True),
    sa.CheckConstraint("category in ('attendee', 'speaker', 'sponsor', 'staff')", name=op.f('ck_attendees_category')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_attendees_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attendees')),
    sa.UniqueConstraint('event_id', 'external_key', name=op.f('uq_attendees_event_id_external_key')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_attendees_event_id_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('attendees', schema=None) as batch_op:
        batch_op.create_index('ix_attendees_event_email', ['event_id', 'email_key'], unique=False)
        batch_op.create_index('ix_attendees_event_sort', ['event_id', 'removed_at', 'sort_key', 'id'], unique=False)

    op.create_table('audit_entries',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', db.UtcDateTime(), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('actor', sa.Text(), nullable=False),
    sa.Column('act', sa.Text(), nullable=False),
    sa.Column('about', db.JsonText(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_audit_entries_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_entries'))
    )
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.create_index('ix_audit_entries_event', ['event_id', 'at'], unique=False)

    op.create_table('browsers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('organizer_since', db.UtcDateTime(), nullable=True),
    sa.Column('organizer_until', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_browsers_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_browsers')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_browsers_token_hash')),
    sqlite_autoincrement=True
    )
    op.create_table('campaigns',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('started_at', db.UtcDateTime(), nullable=False),
    sa.Column('started_by', sa.Text(), nullable=False),
    sa.Column('send_at', db.UtcDateTime(), nullable=False),
    sa.Column('paused_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_campaigns_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_campaigns'))
    )
    op.create_table('event_roles',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('given_at', db.UtcDateTime(), nullable=False),
    sa.CheckConstraint("role in ('viewer', 'desk', 'manager', 'owner')", name=op.f('ck_event_roles_role')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_event_roles_event_id_events')),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_event_roles_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_event_roles')),
    sa.UniqueConstraint('event_id', 'organizer_id', name=op.f('uq_event_roles_event_id_organizer_id'))
    )
    with op.batch_alter_table('event_roles', schema=None) as batch_op:
        batch_op.create_index('ix_event_roles_organizer_id', ['organizer_id'], unique=False)

    op.create_table('forgettings',
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('begun_at', db.UtcDateTime(), nullable=False),
    sa.Column('rows', db.JsonText(), nullable=False),
    sa.Column('ended_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_forgettings_event_id_events')),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_forgettings'))
    )
    op.create_table('import_drafts',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('file_name', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('rows', db.JsonText(), nullable=False),
    sa.Column('notes', db.JsonText(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('committed_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_import_drafts_event_id_events')),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_import_drafts_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_import_drafts'))
    )
    op.create_table('password_resets',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('organizer_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['organizer_id'], ['organizers.id'], name=op.f('fk_password_resets_organizer_id_organizers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_password_resets'))
    )
    op.create_table('programme_items',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('external_key', sa.Text(), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('room', sa.Text(), nullable=False),
    sa.Column('starts_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.CheckConstraint('ends_at > starts_at', name=op.f('ck_programme_items_order')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_programme_items_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_programme_items')),
    sa.UniqueConstraint('event_id', 'external_key', name=op.f('uq_programme_items_event_id_external_key')),
    sa.UniqueConstraint('event_id', 'id', name=op.f('uq_programme_items_event_id_id'))
    )
    op.create_table('suppressions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('address', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_suppressions_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suppressions')),
    sa.UniqueConstraint('event_id', 'address', name=op.f('uq_suppressions_event_id_address'))
    )
    with op.batch_alter_table('suppressions', schema=None) as batch_op:
        batch_op.create_index('uq_suppressions_host_address', ['address'], unique=True, sqlite_where=sa.text('event_id IS NULL'), postgresql_where=sa.text('event_id IS NULL'))

    op.create_table('api_tokens',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('token_hash', sa.Text(), nullable=False),
    sa.Column('label', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('revoked_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_api_tokens_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_api_tokens_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_api_tokens')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_api_tokens_token_hash'))
    )
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.create_index('ix_api_tokens_attendee', ['event_id', 'attendee_id'], unique=False)

    op.create_table('attendances',
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('item_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('said_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_attendances_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'item_id'], ['programme_items.event_id', 'programme_items.id'], name=op.f('fk_attendances_event_id_item_id_programme_items')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_attendances_event_id_events')),
    sa.PrimaryKeyConstraint('attendee_id', 'item_id', name=op.f('pk_attendances'))
    )
    op.create_table('badges',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('token', sa.Text(), nullable=False),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('printed_at', db.UtcDateTime(), nullable=True),
    sa.Column('retired_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_badges_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_badges_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_badges')),
    sa.UniqueConstraint('event_id', 'code', name=op.f('uq_badges_event_id_code')),
    sa.UniqueConstraint('token', name=op.f('uq_badges_token'))
    )
    with op.batch_alter_table('badges', schema=None) as batch_op:
        batch_op.create_index('ix_badges_attendee', ['event_id', 'attendee_id'], unique=False)
        batch_op.create_index('uq_badges_living', ['event_id', 'attendee_id'], unique=True, sqlite_where=sa.text('retired_at IS NULL AND attendee_id IS NOT NULL'), postgresql_where=sa.text('retired_at IS NULL AND attendee_id IS NOT NULL'))

    op.create_table('cards',
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('shared', db.JsonText(), nullable=False),
    sa.Column('swap_policy', sa.Text(), nullable=False),
    sa.Column('suggest_me_at', db.UtcDateTime(), nullable=True),
    sa.Column('looking_for', sa.Text(), nullable=False),
    sa.Column('offering', sa.Text(), nullable=False),
    sa.Column('interests', sa.Text(), nullable=False),
    sa.Column('summary_email', sa.Text(), nullable=False),
    sa.Column('summary_detail', sa.Text(), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('agreed_at', db.UtcDateTime(), nullable=True),
    sa.Column('changed_at', db.UtcDateTime(), nullable=False),
    sa.CheckConstraint("summary_detail in ('full', 'names', 'link')", name=op.f('ck_cards_summary_detail')),
    sa.CheckConstraint("swap_policy in ('at_once', 'ask', 'paused')", name=op.f('ck_cards_swap_policy')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_cards_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_cards_event_id_events')),
    sa.PrimaryKeyConstraint('attendee_id', name=op.f('pk_cards'))
    )
    op.create_table('consents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('field', sa.Text(), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('language', sa.Text(), nullable=False),
    sa.Column('given_at', db.UtcDateTime(), nullable=False),
    sa.Column('withdrawn_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_consents_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_consents_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_consents'))
    )
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.create_index('ix_consents_attendee', ['event_id', 'attendee_id', 'field'], unique=False)

    op.create_table('contacts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('owner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('person_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('note', sa.Text(), nullable=False),
    sa.Column('promise', sa.Text(), nullable=False),
    sa.Column('tags', db.JsonText(), nullable=False),
    sa.Column('starred_at', db.UtcDateTime(), nullable=True),
    sa.Column('changed_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'owner_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_contacts_event_id_owner_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'person_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_contacts_event_id_person_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_contacts_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contacts')),
    sa.UniqueConstraint('event_id', 'owner_id', 'person_id', name=op.f('uq_contacts_event_id_owner_id_person_id'))
    )
    op.create_table('encounters',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('low_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('high_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('first_at', db.UtcDateTime(), nullable=False),
    sa.Column('last_at', db.UtcDateTime(), nullable=False),
    sa.Column('times', sa.Integer(), nullable=False),
    sa.Column('low_scanned', sa.Boolean(), nullable=False),
    sa.Column('high_scanned', sa.Boolean(), nullable=False),
    sa.CheckConstraint('low_id < high_id', name=op.f('ck_encounters_order')),
    sa.ForeignKeyConstraint(['event_id', 'high_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_encounters_event_id_high_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'low_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_encounters_event_id_low_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_encounters_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_encounters')),
    sa.UniqueConstraint('event_id', 'low_id', 'high_id', name=op.f('uq_encounters_event_id_low_id_high_id'))
    )
    with op.batch_alter_table('encounters', schema=None) as batch_op:
        batch_op.create_index('ix_encounters_first_at', ['event_id', 'first_at'], unique=False)
        batch_op.create_index('ix_encounters_high', ['event_id', 'high_id'], unique=False)

    op.create_table('grants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('giver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('receiver_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('fields', db.JsonText(), nullable=False),
    sa.Column('wording', sa.Text(), nullable=False),
    sa.Column('given_at', db.UtcDateTime(), nullable=False),
    sa.Column('asked_since', db.UtcDateTime(), nullable=True),
    sa.Column('answered_at', db.UtcDateTime(), nullable=True),
    sa.Column('withdrawn_at', db.UtcDateTime(), nullable=True),
    sa.CheckConstraint('giver_id <> receiver_id', name=op.f('ck_grants_two_people')),
    sa.ForeignKeyConstraint(['event_id', 'giver_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_grants_event_id_giver_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'receiver_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_grants_event_id_receiver_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_grants_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_grants')),
    sa.UniqueConstraint('event_id', 'giver_id', 'receiver_id', name=op.f('uq_grants_event_id_giver_id_receiver_id'))
    )
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.create_index('ix_grants_receiver', ['event_id', 'receiver_id'], unique=False)

    op.create_table('hand_overs',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('code_hash', sa.Text(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['browser_id'], ['browsers.id'], name=op.f('fk_hand_overs_browser_id_browsers')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_hand_overs_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_hand_overs_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_hand_overs')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('hand_overs', schema=None) as batch_op:
        batch_op.create_index('ix_hand_overs_code', ['event_id', 'code_hash'], unique=False)

    op.create_table('mails',
    sa.Column('id', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('unique_key', sa.Text(), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('subject_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('urgency', sa.Integer(), nullable=False),
    sa.Column('to_address', sa.Text(), nullable=True),
    sa.Column('planned_at', db.UtcDateTime(), nullable=False),
    sa.Column('run_after', db.UtcDateTime(), nullable=False),
    sa.Column('message_id', sa.Text(), nullable=True),
    sa.Column('dated_at', db.UtcDateTime(), nullable=True),
    sa.Column('compose_tries', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=True),
    sa.Column('digest', sa.Text(), nullable=True),
    sa.Column('attempt', sa.Text(), nullable=True),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('first_tried_at', db.UtcDateTime(), nullable=True),
    sa.Column('lease_until', db.UtcDateTime(), nullable=True),
    sa.Column('dot_at', db.UtcDateTime(), nullable=True),
    sa.Column('settled_at', db.UtcDateTime(), nullable=True),
    sa.Column('reply', sa.Text(), nullable=True),
    sa.CheckConstraint("state in ('planned', 'ready', 'sending', 'dot', 'sent', 'failed', 'suppressed', 'cancelled', 'in_doubt')", name=op.f('ck_mails_state')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_mails_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_mails_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_mails')),
    sa.UniqueConstraint('kind', 'unique_key', name=op.f('uq_mails_kind_unique_key'))
    )
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.create_index('ix_mails_dot_at', ['dot_at'], unique=False)
        batch_op.create_index('ix_mails_due', ['state', 'urgency', 'run_after'], unique=False)
        batch_op.create_index('ix_mails_event_kind', ['event_id', 'kind', 'state'], unique=False)

    op.create_table('scans',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('client_id', sa.Text(), nullable=False),
    sa.Column('scanner_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('scanned_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('offered', db.JsonText(), nullable=False),
    sa.Column('said_at', db.UtcDateTime(), nullable=True),
    sa.Column('received_at', db.UtcDateTime(), nullable=False),
    sa.Column('met_at', db.UtcDateTime(), nullable=False),
    sa.Column('settled_at', db.UtcDateTime(), nullable=True),
    sa.Column('declined_at', db.UtcDateTime(), nullable=True),
    sa.Column('undone_at', db.UtcDateTime(), nullable=True),
    sa.CheckConstraint('scanner_id <> scanned_id', name=op.f('ck_scans_two_people')),
    sa.ForeignKeyConstraint(['event_id', 'scanned_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_scans_event_id_scanned_id_attendees')),
    sa.ForeignKeyConstraint(['event_id', 'scanner_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_scans_event_id_scanner_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_scans_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_scans')),
    sa.UniqueConstraint('scanner_id', 'client_id', name=op.f('uq_scans_scanner_id_client_id'))
    )
    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.create_index('ix_scans_pair', ['event_id', 'scanner_id', 'scanned_id'], unique=False)
        batch_op.create_index('ix_scans_scanned', ['event_id', 'scanned_id'], unique=False)

    op.create_table('sign_in_requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('asker_hash', sa.Text(), nullable=False),
    sa.Column('next_path', sa.Text(), nullable=False),
    sa.Column('asked_at', db.UtcDateTime(), nullable=False),
    sa.Column('ends_at', db.UtcDateTime(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('used_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_sign_in_requests_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_sign_in_requests_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sign_in_requests')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('sign_in_requests', schema=None) as batch_op:
        batch_op.create_index('ix_sign_in_requests_asker', ['event_id', 'asker_hash'], unique=False)

    op.create_table('signed_in_browsers',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('browser_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('way', sa.Text(), nullable=False),
    sa.Column('anchor_hash', sa.Text(), nullable=True),
    sa.Column('since', db.UtcDateTime(), nullable=False),
    sa.Column('revoked_at', db.UtcDateTime(), nullable=True),
    sa.ForeignKeyConstraint(['browser_id'], ['browsers.id'], name=op.f('fk_signed_in_browsers_browser_id_browsers')),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_signed_in_browsers_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_signed_in_browsers_event_id_events')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signed_in_browsers'))
    )
    with op.batch_alter_table('signed_in_browsers', schema=None) as batch_op:
        batch_op.create_index('ix_signed_in_browsers_attendee', ['event_id', 'attendee_id'], unique=False)
        batch_op.create_index('ix_signed_in_browsers_browser', ['browser_id', 'event_id'], unique=False)

    op.create_table('summaries',
    sa.Column('attendee_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('picks', db.JsonText(), nullable=False),
    sa.Column('made_at', db.UtcDateTime(), nullable=False),
    sa.ForeignKeyConstraint(['event_id', 'attendee_id'], ['attendees.event_id', 'attendees.id'], name=op.f('fk_summaries_event_id_attendee_id_attendees')),
    sa.ForeignKeyConstraint(['event_id'], ['events.id'], name=op.f('fk_summaries_event_id_events')),
    sa.PrimaryKeyConstraint('attendee_id', name=op.f('pk_summaries'))
    )


def downgrade() -> None:
    op.drop_table('summaries')
    with op.batch_alter_table('signed_in_browsers', schema=None) as batch_op:
        batch_op.drop_index('ix_signed_in_browsers_browser')
        batch_op.drop_index('ix_signed_in_browsers_attendee')

    op.drop_table('signed_in_browsers')
    with op.batch_alter_table('sign_in_requests', schema=None) as batch_op:
        batch_op.drop_index('ix_sign_in_requests_asker')

    op.drop_table('sign_in_requests')
    with op.batch_alter_table('scans', schema=None) as batch_op:
        batch_op.drop_index('ix_scans_scanned')
        batch_op.drop_index('ix_scans_pair')

    op.drop_table('scans')
    with op.batch_alter_table('mails', schema=None) as batch_op:
        batch_op.drop_index('ix_mails_event_kind')
        batch_op.drop_index('ix_mails_due')
        batch_op.drop_index('ix_mails_dot_at')

    op.drop_table('mails')
    with op.batch_alter_table('hand_overs', schema=None) as batch_op:
        batch_op.drop_index('ix_hand_overs_code')

    op.drop_table('hand_overs')
    with op.batch_alter_table('grants', schema=None) as batch_op:
        batch_op.drop_index('ix_grants_receiver')

    op.drop_table('grants')
    with op.batch_alter_table('encounters', schema=None) as batch_op:
        batch_op.drop_index('ix_encounters_high')
        batch_op.drop_index('ix_encounters_first_at')

    op.drop_table('encounters')
    op.drop_table('contacts')
    with op.batch_alter_table('consents', schema=None) as batch_op:
        batch_op.drop_index('ix_consents_attendee')

    op.drop_table('consents')
    op.drop_table('cards')
    with op.batch_alter_table('badges', schema=None) as batch_op:
        batch_op.drop_index('uq_badges_living', sqlite_where=sa.text('retired_at IS NULL AND attendee_id IS NOT NULL'), postgresql_where=sa.text('retired_at IS NULL AND attendee_id IS NOT NULL'))
        batch_op.drop_index('ix_badges_attendee')

    op.drop_table('badges')
    op.drop_table('attendances')
    with op.batch_alter_table('api_tokens', schema=None) as batch_op:
        batch_op.drop_index('ix_api_tokens_attendee')

    op.drop_table('api_tokens')
    with op.batch_alter_table('suppressions', schema=None) as batch_op:
        batch_op.drop_index('uq_suppressions_host_address', sqlite_where=sa.text('event_id IS NULL'), postgresql_where=sa.text('event_id IS NULL'))

    op.drop_table('suppressions')
    op.drop_table('programme_items')
    op.drop_table('password_resets')
    op.drop_table('import_drafts')
    op.drop_table('forgettings')
    with op.batch_alter_table('event_roles', schema=None) as batch_op:
        batch_op.drop_index('ix_event_roles_organizer_id')

    op.drop_table('event_roles')
    op.drop_table('campaigns')
    op.drop_table('browsers')
    with op.batch_alter_table('audit_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_entries_event')

    op.drop_table('audit_entries')
    with op.batch_alter_table('attendees', schema=None) as batch_op:
        batch_op.drop_index('ix_attendees_event_sort')
        batch_op.drop_index('ix_attendees_event_email')

    op.drop_table('attendees')
    op.drop_table('timetable')
    op.drop_table('organizers')
    op.drop_table('events')
    with op.batch_alter_table('budgets', schema=None) as batch_op:
        batch_op.drop_index('ix_budgets_span_start')

    op.drop_table('budgets')
