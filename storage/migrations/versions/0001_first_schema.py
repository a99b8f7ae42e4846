"""First schema."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

# What notebooks connect as: it reads everything and changes nothing.
READER = """
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'costs_reader') THEN CREATE ROLE costs_reader LOGIN; END IF;
    GRANT costs_reader TO CURRENT_USER;
    GRANT USAGE ON SCHEMA public TO costs_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO costs_reader;
    ALTER ROLE costs_reader SET default_transaction_read_only = on;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'role costs_reader was not made: set DATABASE_READER_URL to a role that may only read';
END $$
"""

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """First schema."""
    op.execute(READER)
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))

    op.create_table('cloud_resources',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('provider', sa.String(), nullable=False),
    sa.Column('resource_id', sa.String(), nullable=False),
    sa.Column('resource_type', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=True),
    sa.Column('region', sa.String(), nullable=False),
    sa.Column('sub_account_id', sa.String(), nullable=True),
    sa.Column('state', sa.String(), nullable=True),
    sa.Column('size', sa.String(), nullable=True),
    sa.Column('attached_to', sa.String(), nullable=True),
    sa.Column('tags', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('metadata', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('inventoried_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closed_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cloud_resources'))
    )
    op.create_table('inbox',
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('received_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_inbox'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sa.String(), nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('payload', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('state', sa.Enum('pending', 'sending', 'sent', 'ambiguous', 'failed', name='outboxstate', native_enum=False, length=20), server_default='pending', nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_attempt_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('receipt', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('sent_at', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('key', name=op.f('uq_outbox_key'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['kind', 'next_attempt_at'], unique=False, postgresql_where=sa.text("state IN ('pending', 'sending')"))
    op.create_table('requests',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('parameters', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('requested_by', sa.String(), nullable=False),
    sa.Column('state', sa.Enum('pending', 'deferred', name='requeststate', native_enum=False, length=20), server_default='pending', nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_requests'))
    )
    op.create_table('runs',
    sa.Column('id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('slot', sa.DateTime(timezone=True), nullable=True),
    sa.Column('parameters', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('started_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('outcome', sa.Enum('running', 'succeeded', 'failed', name='outcome', native_enum=False, length=20), nullable=False),
    sa.Column('error', sa.String(), nullable=True),
    sa.Column('result', postgresql.JSONB(astext_type=sa.Text()), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_runs'))
    )
    op.create_index('ix_runs_job_started_at', 'runs', ['job', 'started_at'], unique=False)
    op.create_table('slots',
    sa.Column('job', sa.String(), nullable=False),
    sa.Column('slot', sa.DateTime(timezone=True), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('job', 'slot', name=op.f('pk_slots'))
    )
    op.create_table('sources',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('provider', sa.String(), nullable=True),
    sa.Column('format', sa.String(), nullable=False),
    sa.Column('settled_through', sa.Date(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sources')),
    sa.UniqueConstraint('name', name=op.f('uq_sources_name'))
    )
    op.create_table('tag_sets',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('tags', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tag_sets'))
    )
    op.create_table('artifacts',
    sa.Column('id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('run_id', sa.Uuid(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('media_type', sa.String(), nullable=False),
    sa.Column('address', sa.String(), nullable=False),
    sa.Column('sha256', sa.String(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_artifacts_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_artifacts'))
    )
    op.create_index(op.f('ix_artifacts_run_id'), 'artifacts', ['run_id'], unique=False)
    op.create_table('cost_records',
    sa.Column('id', sa.Uuid(), nullable=False),
    sa.Column('billing_period', sa.Date(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('provider', sa.String(), nullable=False),
    sa.Column('billing_account_id', sa.String(), nullable=True),
    sa.Column('sub_account_id', sa.String(), nullable=True),
    sa.Column('sub_account_name', sa.String(), nullable=True),
    sa.Column('service_name', sa.String(), nullable=True),
    sa.Column('service_category', sa.String(), nullable=True),
    sa.Column('region_id', sa.String(), nullable=True),
    sa.Column('resource_id', sa.Uuid(), nullable=True),
    sa.Column('charge_category', sa.String(), nullable=True),
    sa.Column('charge_class', sa.String(), nullable=True),
    sa.Column('pricing_category', sa.String(), nullable=True),
    sa.Column('sku_id', sa.String(), nullable=True),
    sa.Column('pricing_unit', sa.String(), nullable=True),
    sa.Column('commitment_discount_id', sa.String(), nullable=True),
    sa.Column('commitment_discount_status', sa.String(), nullable=True),
    sa.Column('tag_set_id', sa.Uuid(), nullable=True),
    sa.Column('invoice_id', sa.String(), nullable=True),
    sa.Column('currency', sa.String(), server_default='USD', nullable=False),
    sa.Column('cost', sa.Numeric(precision=38, scale=18), nullable=False),
    sa.Column('billed_cost', sa.Numeric(precision=38, scale=18), nullable=False),
    sa.Column('list_cost', sa.Numeric(precision=38, scale=18), nullable=False),
    sa.Column('contracted_cost', sa.Numeric(precision=38, scale=18), nullable=False),
    sa.Column('pricing_quantity', sa.Numeric(), nullable=True),
    sa.Column('charges', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['resource_id'], ['cloud_resources.id'], name=op.f('fk_cost_records_resource_id')),
    sa.ForeignKeyConstraint(['tag_set_id'], ['tag_sets.id'], name=op.f('fk_cost_records_tag_set_id')),
    sa.PrimaryKeyConstraint('billing_period', 'source_id', 'id', name=op.f('pk_cost_records')),
    postgresql_partition_by='LIST (billing_period)'
    )
    op.create_index('ix_cost_records_date', 'cost_records', ['date'], unique=False)
    op.create_table('deliveries',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('billing_period', sa.Date(), nullable=False),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('format', sa.String(), nullable=False),
    sa.Column('files', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'[]'::jsonb"), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('billed_cost', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('effective_cost', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('status', sa.Enum('loaded', 'superseded', 'rejected', name='deliverystatus', native_enum=False, length=20), nullable=False),
    sa.Column('reason', sa.String(), nullable=True),
    sa.Column('lake_address', sa.String(), nullable=True),
    sa.Column('loaded_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('superseded_at', sa.DateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['source_id'], ['sources.id'], name=op.f('fk_deliveries_source_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_deliveries')),
    sa.UniqueConstraint('source_id', 'billing_period', 'fingerprint', name=op.f('uq_deliveries_source_id_billing_period_fingerprint'))
    )
    op.create_index('ix_deliveries_one_loaded', 'deliveries', ['source_id', 'billing_period'], unique=True, postgresql_where=sa.text("status = 'loaded'"))
    op.create_table('optimization_recommendations',
    sa.Column('id', sa.Uuid(), server_default=sa.text('gen_random_uuid()'), nullable=False),
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('recommendation_type', sa.String(), nullable=False),
    sa.Column('potential_savings', sa.Numeric(precision=38, scale=18), nullable=False),
    sa.Column('currency', sa.String(), nullable=False),
    sa.Column('confidence_score', sa.Double(), nullable=False),
    sa.Column('title', sa.String(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('details', postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False),
    sa.Column('state', sa.Enum('open', 'approved', 'dismissed', 'snoozed', 'expired', 'applying', 'applied', 'measured', 'failed', 'unknown', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('decided_by', sa.String(), nullable=True),
    sa.Column('decided_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('run_id', sa.Uuid(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['resource_id'], ['cloud_resources.id'], name=op.f('fk_optimization_recommendations_resource_id')),
    sa.ForeignKeyConstraint(['run_id'], ['runs.id'], name=op.f('fk_optimization_recommendations_run_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_optimization_recommendations'))
    )
    op.create_index('ix_optimization_recommendations_one_alive', 'optimization_recommendations', ['resource_id', 'recommendation_type'], unique=True, postgresql_where=sa.text("state IN ('open', 'approved', 'snoozed', 'applying', 'unknown')"))
    op.create_table('resource_utilization',
    sa.Column('resource_id', sa.Uuid(), nullable=False),
    sa.Column('metric', sa.String(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('minimum', sa.Double(), nullable=False),
    sa.Column('mean', sa.Double(), nullable=False),
    sa.Column('p95', sa.Double(), nullable=False),
    sa.Column('maximum', sa.Double(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['resource_id'], ['cloud_resources.id'], name=op.f('fk_resource_utilization_resource_id')),
    sa.PrimaryKeyConstraint('resource_id', 'metric', 'day', name=op.f('pk_resource_utilization'))
    )
    op.create_table('recommendation_events',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('recommendation_id', sa.Uuid(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('who', sa.String(), nullable=False),
    sa.Column('before', sa.Enum('open', 'approved', 'dismissed', 'snoozed', 'expired', 'applying', 'applied', 'measured', 'failed', 'unknown', name='state', native_enum=False, length=20), nullable=True),
    sa.Column('after', sa.Enum('open', 'approved', 'dismissed', 'snoozed', 'expired', 'applying', 'applied', 'measured', 'failed', 'unknown', name='state', native_enum=False, length=20), nullable=False),
    sa.Column('note', sa.String(), nullable=True),
    sa.ForeignKeyConstraint(['recommendation_id'], ['optimization_recommendations.id'], name=op.f('fk_recommendation_events_recommendation_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_recommendation_events'))
    )
    op.create_index(op.f('ix_recommendation_events_recommendation_id'), 'recommendation_events', ['recommendation_id'], unique=False)



def downgrade() -> None:
    """Undo it."""

    op.drop_index(op.f('ix_recommendation_events_recommendation_id'), table_name='recommendation_events')
    op.drop_table('recommendation_events')
    op.drop_table('resource_utilization')
    op.drop_index('ix_optimization_recommendations_one_alive', table_name='optimization_recommendations', postgresql_where=sa.text("state IN ('open', 'approved', 'snoozed', 'applying', 'unknown')"))
    op.drop_table('optimization_recommendations')
    op.drop_index('ix_deliveries_one_loaded', table_name='deliveries', postgresql_where=sa.text("status = 'loaded'"))
    op.drop_table('deliveries')
    op.drop_index('ix_cost_records_date', table_name='cost_records')
    op.drop_table('cost_records')
    op.drop_index(op.f('ix_artifacts_run_id'), table_name='artifacts')
    op.drop_table('artifacts')
    op.drop_table('tag_sets')
    op.drop_table('sources')
    op.drop_table('slots')
    op.drop_index('ix_runs_job_started_at', table_name='runs')
    op.drop_table('runs')
    op.drop_table('requests')
    op.drop_index('ix_outbox_due', table_name='outbox', postgresql_where=sa.text("state IN ('pending', 'sending')"))
    op.drop_table('outbox')
    op.drop_table('inbox')
    op.drop_table('cloud_resources')

