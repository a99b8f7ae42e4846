"""The columns of a Microsoft Customer Agreement's cost export, and from where each is filled."""

from __future__ import annotations

from jobs.demo.estate import company
from jobs.demo.estate.tables import money

_DAY = "us_day"
_SUBSCRIPTION = "CASE account " + " ".join(f"WHEN '{key}' THEN '{{{key}}}'" for key in company.AZURE) + " END"
_IDS = _SUBSCRIPTION.format(**{key: place.id for key, place in company.AZURE.items()})
_NAMES = _SUBSCRIPTION.format(**{key: place.name for key, place in company.AZURE.items()})
_PAYG = f"if(listed > 0, {money('listed')}, {money('cost')})"

COLUMNS = {
    "invoiceId": "if(closed, 'G0' || (48120377 + month * 613)::VARCHAR, NULL)",
    "previousInvoiceId": "NULL",
    "billingAccountId": f"'{company.AZURE_ACCOUNT}'",
    "billingAccountName": f"'{company.NAME}'",
    "billingProfileId": f"'{company.AZURE_PROFILE}'",
    "billingProfileName": f"'{company.NAME}'",
    "invoiceSectionId": "'LKSP-EU-SECT'",
    "invoiceSectionName": "'Europe'",
    "resellerName": "NULL",
    "resellerMpnId": "NULL",
    "costCenter": "NULL",
    "billingPeriodEndDate": "us_month_last",
    "billingPeriodStartDate": "us_month_first",
    "servicePeriodEndDate": _DAY,
    "servicePeriodStartDate": _DAY,
    "date": _DAY,
    "serviceFamily": "family",
    "productOrderId": "NULL",
    "productOrderName": "'Azure plan'",
    "consumedService": "service",
    "meterId": "substr(md5(category || meter), 1, 8) || '-' || substr(md5(category || meter), 9, 4) || "
    "'-4a00-8b00-' || substr(md5(category || meter), 13, 12)",
    "meterName": "meter",
    "meterCategory": "category",
    "meterSubCategory": "sub",
    "meterRegion": "if(region IS NULL, NULL, 'EU West')",
    "ProductId": "upper(substr(md5(product), 1, 12))",
    "ProductName": "product",
    "SubscriptionId": _IDS,
    "subscriptionName": _NAMES,
    "publisherType": "'Microsoft'",
    "publisherId": "NULL",
    "publisherName": "'Microsoft'",
    "resourceGroupName": '"group"',
    "ResourceId": "resource",
    "resourceLocation": "region",
    "location": "if(region IS NULL, NULL, 'EU West')",
    "effectivePrice": "if(charge = 'Usage', price, NULL)",
    "quantity": "(quantity::DECIMAL(27,0) * quantum::DECIMAL(11,10))::DECIMAL(28,10)::VARCHAR",
    "unitOfMeasure": "unit",
    "chargeType": "charge",
    "billingCurrency": "'USD'",
    "pricingCurrency": "'USD'",
    "costInBillingCurrency": money("cost"),
    "costInPricingCurrency": money("cost"),
    "costInUsd": money("cost"),
    "paygCostInBillingCurrency": _PAYG,
    "paygCostInUsd": _PAYG,
    "exchangeRatePricingToBilling": "'1'",
    "exchangeRateDate": "us_month_first",
    "isAzureCreditEligible": "'True'",
    "serviceInfo1": "NULL",
    "serviceInfo2": "NULL",
    "additionalInfo": "info",
    "tags": "tags",
    "PayGPrice": "coalesce(list_price, price, '0')",
    "frequency": "frequency",
    "term": "term",
    "reservationId": "reservation",
    "reservationName": "reservation_name",
    "pricingModel": "model",
    "unitPrice": "coalesce(list_price, price, '0')",
    "costAllocationRuleName": "NULL",
    "benefitId": "reservation",
    "benefitName": "reservation_name",
    "provider": "'Azure'",
}
