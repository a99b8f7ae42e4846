"""The columns of a legacy Cost and Usage Report, and from where each is filled.

Header names as in https://docs.aws.amazon.com/cur/latest/userguide/data-dictionary.html. A report without hourly
granularity: a row is a day, some fees are a month.
"""

from __future__ import annotations

from jobs.demo.estate import company
from jobs.demo.estate.tables import money

ATTRIBUTES = (
    "type",
    "account",
    "region",
    "zone",
    "resource",
    "product",
    "title",
    "term",
    "usage_type",
    "operation",
    "unit",
    "price",
    "text",
    "family",
    "instance_type",
    "vcpu",
    "memory",
    "tax_type",
    "bill_type",
    "entity",
    "seller",
    "plan_arn",
    "plan_rate",
    "plan_start",
    "reservation_arn",
    "reserved_count",
    "reserved_start",
    "reserved_end",
    "tag_team",
    "tag_app",
    "tag_env",
)
_START = "if(monthly, month_starts, starts)"
_END = "if(monthly, month_ends, ends)"
_PLAN = "if(plan_arn IS NULL, NULL, '{value}')"
_ZERO = "if(type = '{type}', coalesce({value}, '0'), NULL)"


def _of(kind: str, column: str) -> str:
    return _ZERO.format(type=kind, value=money(column))


COLUMNS = {
    "identity/LineItemId": "substr(md5(line || '/' || day || '/' || usage_type || account), 1, 26)",
    "identity/TimeInterval": f"{_START} || '/' || {_END}",
    "bill/InvoiceId": "if(closed, '2' || (172904411 + month * 731)::VARCHAR, NULL)",
    "bill/InvoicingEntity": "'Amazon Web Services, Inc.'",
    "bill/BillingEntity": "coalesce(entity, 'AWS')",
    "bill/BillType": "coalesce(bill_type, 'Anniversary')",
    "bill/PayerAccountId": f"'{company.AWS_PAYER}'",
    "bill/BillingPeriodStartDate": "month_starts",
    "bill/BillingPeriodEndDate": "month_ends",
    "lineItem/UsageAccountId": "account",
    "lineItem/LineItemType": "type",
    "lineItem/UsageStartDate": _START,
    "lineItem/UsageEndDate": _END,
    "lineItem/ProductCode": "product",
    "lineItem/UsageType": "usage_type",
    "lineItem/Operation": "operation",
    "lineItem/AvailabilityZone": "zone",
    "lineItem/ResourceId": "resource",
    "lineItem/UsageAmount": "(quantity::DECIMAL(27,0) * quantum::DECIMAL(11,10))::DECIMAL(28,10)::VARCHAR",
    "lineItem/NormalizationFactor": "NULL",
    "lineItem/NormalizedUsageAmount": "NULL",
    "lineItem/CurrencyCode": "'USD'",
    "lineItem/UnblendedRate": "if(type IN ('Usage', 'SavingsPlanCoveredUsage'), price, NULL)",
    "lineItem/UnblendedCost": money("cost"),
    "lineItem/BlendedRate": "if(type IN ('Usage', 'SavingsPlanCoveredUsage'), price, NULL)",
    "lineItem/BlendedCost": money("cost"),
    "lineItem/LineItemDescription": "text",
    "lineItem/TaxType": "tax_type",
    "lineItem/LegalEntity": "coalesce(seller, 'Amazon Web Services, Inc.')",
    "product/ProductName": "title",
    "product/instanceType": "instance_type",
    "product/location": "CASE region WHEN 'us-east-1' THEN 'US East (N. Virginia)' "
    "WHEN 'us-west-2' THEN 'US West (Oregon)' "
    "ELSE 'Any' END",
    "product/memory": "memory",
    "product/operatingSystem": "if(instance_type IS NULL, NULL, 'Linux')",
    "product/productFamily": "family",
    "product/region": "region",
    "product/regionCode": "if(region = 'global', NULL, region)",
    "product/servicecode": "product",
    "product/servicename": "title",
    "product/sku": "if(usage_type IS NULL, NULL, upper(substr(md5(product || usage_type), 1, 16)))",
    "product/tenancy": "if(instance_type IS NULL, NULL, 'Shared')",
    "product/usagetype": "usage_type",
    "product/vcpu": "vcpu",
    "pricing/RateId": "if(price IS NULL, NULL, (hash(product || usage_type || price) % 100000000)::VARCHAR)",
    "pricing/LeaseContractLength": "if(reservation_arn IS NULL, NULL, '1yr')",
    "pricing/OfferingClass": "if(reservation_arn IS NULL, NULL, 'standard')",
    "pricing/PurchaseOption": "if(reservation_arn IS NULL, NULL, 'Partial Upfront')",
    "pricing/currency": "'USD'",
    "pricing/publicOnDemandCost": "CASE WHEN type IN ('Usage', 'SavingsPlanCoveredUsage') AND price IS NOT NULL THEN "
    f"{money('cost')} WHEN type = 'DiscountedUsage' THEN {money('reserved_list')} "
    "WHEN type = 'SavingsPlanNegation' THEN " + money("(-cost)") + " ELSE '0' END",
    "pricing/publicOnDemandRate": "if(type IN ('Usage', 'SavingsPlanCoveredUsage', 'DiscountedUsage'), price, NULL)",
    "pricing/term": "term",
    "pricing/unit": "unit",
    "reservation/AmortizedUpfrontCostForUsage": _of("DiscountedUsage", "reserved_upfront"),
    "reservation/AmortizedUpfrontFeeForBillingPeriod": _of("RIFee", "upfront_for_period"),
    "reservation/EffectiveCost": _of("DiscountedUsage", "reserved_effective"),
    "reservation/EndTime": "if(type = 'RIFee', reserved_end || 'T00:00:00.000Z', NULL)",
    "reservation/NumberOfReservations": "if(type = 'RIFee', reserved_count, NULL)",
    "reservation/RecurringFeeForUsage": _of("DiscountedUsage", "reserved_recurring"),
    "reservation/ReservationARN": "reservation_arn",
    "reservation/StartTime": "if(type = 'RIFee', reserved_start || 'T00:00:00.000Z', NULL)",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod": _of("RIFee", "unused_upfront"),
    "reservation/UnusedRecurringFee": _of("RIFee", "unused_recurring"),
    "savingsPlan/OfferingType": _PLAN.format(value="EC2InstanceSavingsPlans"),
    "savingsPlan/PaymentOption": _PLAN.format(value="No Upfront"),
    "savingsPlan/PurchaseTerm": _PLAN.format(value="1yr"),
    "savingsPlan/RecurringCommitmentForBillingPeriod": _of("SavingsPlanRecurringFee", "cost"),
    "savingsPlan/SavingsPlanARN": "plan_arn",
    "savingsPlan/SavingsPlanEffectiveCost": _of("SavingsPlanCoveredUsage", "plan_effective"),
    "savingsPlan/SavingsPlanRate": "plan_rate",
    "savingsPlan/StartTime": "if(type = 'SavingsPlanRecurringFee', plan_start || 'T00:00:00.000Z', NULL)",
    "savingsPlan/TotalCommitmentToDate": _of("SavingsPlanRecurringFee", "plan_total"),
    "savingsPlan/UsedCommitment": _of("SavingsPlanRecurringFee", "plan_used"),
    "resourceTags/user:app": "tag_app",
    "resourceTags/user:env": "tag_env",
    "resourceTags/user:team": "tag_team",
}
