-- The rules for a Cost and Usage Report 2.0 (jobs/providers/aws/bills.py) as a person would write them for DuckDB:
-- one query, casts where they are needed, and nothing prepared for other columns than this report has.
with report as (
    select
        cleaned(line_item_line_item_type) as line_type, cleaned(bill_bill_type) as bill_type,
        cleaned(bill_invoice_id) as invoice, cleaned(pricing_term) as term, cleaned(pricing_unit) as unit,
        cleaned(line_item_product_code) as code, cleaned(line_item_availability_zone) as zone,
        cleaned(product_region_code) as region, cleaned(line_item_usage_account_id) as account,
        cleaned(savings_plan_savings_plan_a_r_n) as plan, cleaned(reservation_reservation_a_r_n) as reservation,
        cleaned(line_item_usage_type) as usage_type, cleaned(bill_payer_account_id) as payer,
        cleaned(line_item_usage_account_name) as account_name, cleaned(bill_payer_account_name) as payer_name,
        cleaned(bill_invoicing_entity) as issuer, cleaned(product_product_name) as product,
        cleaned(product_location) as location, cleaned(line_item_resource_id) as resource,
        cleaned(product_sku) as sku, cleaned(pricing_rate_id) as rate, cleaned(line_item_currency_code) as currency,
        cleaned(line_item_line_item_description) as description,
        regexp_replace(cleaned(to_json(resource_tags)::varchar), '([{,]\s*)"user[_:]', '\1"', 'g') as tags,
        number(line_item_unblended_cost) as unblended,
        number(savings_plan_savings_plan_effective_cost) as plan_cost,
        number(reservation_effective_cost) as reserved_cost,
        number(savings_plan_total_commitment_to_date) as committed,
        number(savings_plan_used_commitment) as used,
        number(reservation_unused_amortized_upfront_fee_for_billing_period) as unused_upfront,
        number(reservation_unused_recurring_fee) as unused_fee,
        number(pricing_public_on_demand_cost) as listed,
        number(pricing_public_on_demand_rate) as list_rate,
        number(line_item_unblended_rate) as unblended_rate,
        number(line_item_usage_amount) as amount,
        bill_billing_period_start_date::timestamptz as period_start,
        bill_billing_period_end_date::timestamptz as period_end,
        line_item_usage_start_date::timestamptz as usage_start, line_item_usage_end_date::timestamptz as usage_end,
        line_item_unblended_cost, savings_plan_savings_plan_effective_cost,
        reservation_effective_cost, savings_plan_total_commitment_to_date, savings_plan_used_commitment,
        reservation_unused_amortized_upfront_fee_for_billing_period, reservation_unused_recurring_fee,
        x_file
    from delivered
), kinds as (
    select *, coalesce(line_type, 'Usage') as kind, coalesce(period_start, date_trunc('month', usage_start)) as period,
        coalesce(
            wrong('line_item_unblended_cost', line_item_unblended_cost, unblended),
            wrong('savings_plan_savings_plan_effective_cost', savings_plan_savings_plan_effective_cost, plan_cost),
            wrong('reservation_effective_cost', reservation_effective_cost, reserved_cost),
            wrong('savings_plan_total_commitment_to_date', savings_plan_total_commitment_to_date, committed),
            wrong('savings_plan_used_commitment', savings_plan_used_commitment, used),
            wrong('reservation_unused_amortized_upfront_fee_for_billing_period', reservation_unused_amortized_upfront_fee_for_billing_period, unused_upfront),
            wrong('reservation_unused_recurring_fee', reservation_unused_recurring_fee, unused_fee)
        ) as x_misread
    from report
), charges as (
    select *,
        kind in ('Fee', 'RIFee', 'SavingsPlanRecurringFee', 'SavingsPlanUpfrontFee') as purchase,
        coalesce(kind = 'Refund' or bill_type = 'Refund', false) as refund,
        if(x_misread is null, unblended, null) as billed
    from kinds
), named as (
    select *, not (purchase or refund or kind in ('Tax', 'Credit')) as usage,
        case
            when kind = 'SavingsPlanCoveredUsage' then plan_cost
            when kind = 'DiscountedUsage' then reserved_cost
            when kind = 'SavingsPlanRecurringFee' then coalesce(committed, 0) - coalesce(used, 0)
            when kind = 'RIFee' then coalesce(unused_upfront, 0) + coalesce(unused_fee, 0)
            when kind in ('SavingsPlanNegation', 'SavingsPlanUpfrontFee') then 0
            when kind = 'Fee' and reservation is not null then 0
            else unblended
        end::decimal(38, 18) as effective
    from charges
)
select
    zone as AvailabilityZone, billed as BilledCost, coalesce(payer, account) as BillingAccountId,
    payer_name as BillingAccountName, 'Payer account' as BillingAccountType,
    coalesce(currency, 'XXX') as BillingCurrency,
    coalesce(period_end, date_trunc('month', period) + interval 1 month) as BillingPeriodEnd,
    period as BillingPeriodStart,
    null::varchar as CapacityReservationId, null::varchar as CapacityReservationStatus,
    case
        when kind = 'Tax' then 'Tax' when kind = 'Credit' then 'Credit' when refund then 'Adjustment'
        when purchase then 'Purchase' else 'Usage'
    end as ChargeCategory,
    case when refund and invoice is not null then 'Correction' end as ChargeClass,
    description as ChargeDescription,
    case
        when kind in ('RIFee', 'SavingsPlanRecurringFee') then 'Recurring' when usage then 'Usage-Based'
        else 'One-Time'
    end as ChargeFrequency,
    coalesce(usage_end, usage_start + interval 1 day) as ChargePeriodEnd,
    coalesce(usage_start, period) as ChargePeriodStart,
    case when plan is not null then 'Spend' when reservation is not null then 'Usage' end as CommitmentDiscountCategory,
    coalesce(plan, reservation) as CommitmentDiscountId, null::varchar as CommitmentDiscountName,
    null::decimal(38, 18) as CommitmentDiscountQuantity,
    case
        when coalesce(plan, reservation) is null then null
        when kind in ('SavingsPlanCoveredUsage', 'DiscountedUsage') then 'Used'
        when kind in ('RIFee', 'SavingsPlanRecurringFee') then 'Unused'
    end as CommitmentDiscountStatus,
    case
        when plan is not null then 'Savings Plan' when reservation is not null then 'Reserved Instance'
    end as CommitmentDiscountType,
    null::varchar as CommitmentDiscountUnit, case when usage then amount end as ConsumedQuantity,
    case when usage then unit end as ConsumedUnit,
    coalesce(case
        when kind = 'SavingsPlanNegation' then 0
        when kind = 'DiscountedUsage' and listed > 0 then listed
        else unblended
    end::decimal(38, 18), billed) as ContractedCost,
    unblended_rate as ContractedUnitPrice, coalesce(effective, billed) as EffectiveCost, invoice as InvoiceId,
    coalesce(issuer, 'AWS') as InvoiceIssuerName,
    coalesce(case when kind = 'SavingsPlanNegation' then 0 when listed > 0 then listed else unblended end
        ::decimal(38, 18), billed) as ListCost,
    list_rate as ListUnitPrice,
    case
        when kind in ('SavingsPlanCoveredUsage', 'SavingsPlanNegation', 'DiscountedUsage') then 'Committed'
        when term = 'Spot' then 'Dynamic' when usage or purchase then 'Standard'
    end as PricingCategory,
    null::varchar as PricingCurrency, null::decimal(38, 18) as PricingCurrencyContractedUnitPrice,
    null::decimal(38, 18) as PricingCurrencyEffectiveCost, null::decimal(38, 18) as PricingCurrencyListUnitPrice,
    amount as PricingQuantity, unit as PricingUnit, 'AWS' as ProviderName, 'AWS' as PublisherName,
    coalesce(nullif(region, 'global'), regexp_replace(zone, '[a-z]$', '')) as RegionId, location as RegionName,
    resource as ResourceId, null::varchar as ResourceName, null::varchar as ResourceType,
    coalesce(categories[code], 'Other') as ServiceCategory, coalesce(product, code) as ServiceName,
    null::varchar as ServiceSubcategory, coalesce(sku, usage_type) as SkuId, usage_type as SkuMeter,
    null::varchar as SkuPriceDetails, rate as SkuPriceId, account as SubAccountId, account_name as SubAccountName,
    'Linked account' as SubAccountType,
    case when starts_with(trim(tags), '{') and json_valid(tags) and tags <> '{}' then tags end as Tags,
    x_misread, x_file, effective is null as x_effective_is_billed, 'aws' as x_provider
from named
