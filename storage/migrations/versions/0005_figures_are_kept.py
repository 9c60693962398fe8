"""figures are kept

Revision: 0005, after 0004
"""

import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

OLD_STATES = ("due", "building", "sent", "failed")
STATES = ("due", "building", "waiting", "sent", "skipped", "failed")

COUNTED = {
    "created_day": (["created_day", "created_hours", "created_hour", "gone_month", "way"], ""),
    "ended_day": (["ended_day", "ending"], ""),
    "due_day": (["due_day", "promise"], ""),
    "gone_month": (["gone_month", "way", "lasted"], ""),
    "created_month": (["created_month", "replied"], " AND passed IS NULL"),
    "service": (["service", "way", "lasted", "gone"], ""),
    "department": (["department", "way", "lasted", "gone"], ""),
    "ward": (["ward", "way", "lasted", "gone"], ""),
    "service_replied": (["service", "replied", "created_day"], " AND passed IS NULL"),
    "department_replied": (["department", "replied", "created_day"], " AND passed IS NULL"),
    "ward_replied": (["ward", "replied", "created_day"], " AND passed IS NULL"),
    "channel": (["channel", "language", "widget", "page", "created_day"], ""),
    "promised": (["service", "promised", "created_day"], ""),
    "square": (["square", "service", "created_day"], " AND square IS NOT NULL"),
    "rating": (["rating", "fixed", "gone"], " AND way = 1 AND rating + fixed > 0"),
}
NOT_COUNTED = ("ix_facts_left_out", "facts", ["created_day", "ending", "held"])


def _know_states(states: tuple[str, ...]) -> None:
    listed = ", ".join(f"'{state}'" for state in states)
    with op.batch_alter_table("editions") as batch_op:
        batch_op.drop_constraint(op.f("ck_editions_state_known"), type_="check")
        batch_op.create_check_constraint(op.f("ck_editions_state_known"), f"state IN ({listed})")


def upgrade() -> None:
    op.create_table('facts',
    sa.Column('request_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('created', sa.BigInteger(), nullable=False),
    sa.Column('created_day', sa.Integer(), nullable=False),
    sa.Column('created_hour', sa.Integer(), nullable=False),
    sa.Column('due', sa.BigInteger(), nullable=False),
    sa.Column('due_day', sa.Integer(), nullable=False),
    sa.Column('answered', sa.BigInteger(), nullable=True),
    sa.Column('passed', sa.BigInteger(), nullable=True),
    sa.Column('ended', sa.BigInteger(), nullable=True),
    sa.Column('ended_day', sa.Integer(), nullable=True),
    sa.Column('first_ended', sa.BigInteger(), nullable=True),
    sa.Column('first_reopened', sa.BigInteger(), nullable=True),
    sa.Column('ending', sa.Integer(), nullable=False),
    sa.Column('service', sa.Integer(), nullable=False),
    sa.Column('department', sa.Integer(), nullable=False),
    sa.Column('ward', sa.Integer(), nullable=False),
    sa.Column('agency', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Integer(), nullable=False),
    sa.Column('language', sa.Integer(), nullable=False),
    sa.Column('widget', sa.Integer(), nullable=False),
    sa.Column('page', sa.Integer(), nullable=False),
    sa.Column('assignee', sa.Integer(), nullable=False),
    sa.Column('reopened', sa.Integer(), nullable=False),
    sa.Column('rating', sa.Integer(), nullable=False),
    sa.Column('fixed', sa.Integer(), nullable=False),
    sa.Column('lat', sa.Integer(), nullable=True),
    sa.Column('lon', sa.Integer(), nullable=True),
    sa.Column('held', sa.Integer(), nullable=False),
    sa.Column('clock_error', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.Column('gone', sa.BigInteger(), nullable=True),
    sa.Column('way', sa.Integer(), nullable=False),
    sa.Column('promise', sa.Integer(), nullable=False),
    sa.Column('created_month', sa.Integer(), nullable=False),
    sa.Column('created_hours', sa.Integer(), nullable=False),
    sa.Column('gone_month', sa.Integer(), nullable=True),
    sa.Column('lasted', sa.Integer(), nullable=True),
    sa.Column('replied', sa.Integer(), nullable=True),
    sa.Column('promised', sa.Integer(), nullable=False),
    sa.Column('square', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_facts_request_id')),
    sa.PrimaryKeyConstraint('request_id', name=op.f('pk_facts')),
    )
    for name, (columns, among) in COUNTED.items():
        where = sa.text(f"counted = 1{among}")
        op.create_index(f"ix_facts_{name}", 'facts', columns, sqlite_where=where, postgresql_where=where)
    where = sa.text("counted = 0")
    op.create_index(*NOT_COUNTED, sqlite_where=where, postgresql_where=where)

    op.create_table('fact_hand_offs',
    sa.Column('request_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('place', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.BigInteger(), nullable=False),
    sa.Column('hours', sa.Integer(), nullable=True),
    sa.Column('agency', sa.Integer(), nullable=False),
    sa.Column('returned', sa.Integer(), nullable=False),
    sa.Column('confirmed', sa.Integer(), nullable=False),
    sa.Column('counted', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_fact_hand_offs_request_id')),
    sa.PrimaryKeyConstraint('request_id', 'place', name=op.f('pk_fact_hand_offs')),
    )
    with op.batch_alter_table('fact_hand_offs', schema=None) as batch_op:
        batch_op.create_index(
            'ix_fact_hand_offs_at',
            ['at', 'counted', 'agency', 'hours', 'returned', 'confirmed'],
            unique=False,
        )

    op.create_table('fact_words',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('word', sa.String(length=300), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fact_words')),
    sa.UniqueConstraint('kind', 'word', name='uq_fact_words_kind_word'),
    )
    op.create_table('fact_basis',
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('mark', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_fact_basis')),
    )
    op.create_table('given_numbers',
    sa.Column('prefix', sa.String(length=3), nullable=False),
    sa.Column('highest', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('prefix', name=op.f('pk_given_numbers')),
    )
    op.create_table('time_entries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('nonce', sa.String(length=64), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('person', sa.String(length=64), nullable=False),
    sa.Column('minutes', sa.Integer(), nullable=False),
    sa.Column('vehicle_minutes', sa.Integer(), nullable=False),
    sa.Column('materials', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['requests.id'], name=op.f('fk_time_entries_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_time_entries')),
    sa.UniqueConstraint('nonce', name=op.f('uq_time_entries_nonce')),
    sqlite_autoincrement=True,
    )

    with op.batch_alter_table('time_entries', schema=None) as batch_op:
        batch_op.create_index('ix_time_entries_request_id', ['request_id'], unique=False)

    op.create_table('analytics_links',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('report', sa.String(length=64), nullable=False),
    sa.Column('part', sa.String(length=64), nullable=False),
    sa.Column('recipient', sa.String(length=254), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('revoked_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_analytics_links')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_analytics_links_token_hash')),
    )

    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('part', sa.String(length=64), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('approve_until', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('decided_by', sa.String(length=80), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('note', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('changes', sa.JSON(), nullable=False, server_default='[]'))
        batch_op.add_column(sa.Column('published_at', sa.DateTime(timezone=True), nullable=True))
        batch_op.drop_constraint('uq_editions_report_period_issue', type_='unique')
        batch_op.create_unique_constraint(
            'uq_editions_report_part_period_issue', ['report', 'part', 'period', 'issue']
        )
    _know_states(STATES)

    # Added and dropped in place: a large table is not copied for it.
    op.add_column('requests', sa.Column('imported_from', sa.String(length=64), nullable=True))
    op.add_column('requests', sa.Column('imported_number', sa.String(length=120), nullable=True))
    op.add_column('requests', sa.Column('imported_mark', sa.String(length=32), nullable=True))
    op.create_index('ix_requests_imported_from_created_at', 'requests', ['imported_from', 'created_at'])


def downgrade() -> None:
    op.drop_index('ix_requests_imported_from_created_at', 'requests')
    for column in ('imported_mark', 'imported_number', 'imported_from'):
        op.drop_column('requests', column)
    # What was never sent is made again by the rules of the earlier version.
    op.execute("DELETE FROM editions WHERE state IN ('waiting', 'skipped') OR part <> ''")
    _know_states(OLD_STATES)
    with op.batch_alter_table('editions', schema=None) as batch_op:
        batch_op.drop_constraint('uq_editions_report_part_period_issue', type_='unique')
        batch_op.create_unique_constraint('uq_editions_report_period_issue', ['report', 'period', 'issue'])
        batch_op.drop_column('published_at')
        batch_op.drop_column('changes')
        batch_op.drop_column('note')
        batch_op.drop_column('decided_by')
        batch_op.drop_column('decided_at')
        batch_op.drop_column('approve_until')
        batch_op.drop_column('part')

    with op.batch_alter_table('time_entries', schema=None) as batch_op:
        batch_op.drop_index('ix_time_entries_request_id')

    op.drop_table('analytics_links')
    op.drop_table('time_entries')
    op.drop_table('given_numbers')
    op.drop_table('fact_basis')
    op.drop_table('fact_words')
    op.drop_table('fact_hand_offs')
    op.drop_table('facts')
