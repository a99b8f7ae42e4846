"""Every word that means something: synonyms, plurals, and what one types in haste."""

from __future__ import annotations

from bot.language.question import Cadence, Kind
from finops.focus import DIMENSIONS, Metric

Meaning = tuple[str, object]
"""What a word is to the grammar, and what it stands for."""


def _each(token: str, meanings: dict[str, object]) -> dict[str, Meaning]:
    return {spelling: (token, value) for words, value in meanings.items() for spelling in words.split(" | ")}


_MONTHS = "january february march april may june july august september october november december".split()  # noqa: SIM905
_WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()  # noqa: SIM905  read as a list of words
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905  as above
_NOISE = """
a all also any anything amount an and are as at been bill bills bring charges cost costs could did display do does each
expenses fetch for get give go goes going gone had has have how i in into is it its let me more much my number
of on only or our pay paid please s see show spend spending spent tell that the their there these they tell
things total totals up us usage used want was we went were what whats which with would you your money made
happened happening increase increased decrease decreased rise rose changed change high higher expensive when
where
""".split()  # noqa: SIM905  read as a list of words
"""What people say between the words that count."""

WORDS: dict[str, Meaning] = {
    **_each("NOISE", dict.fromkeys(_NOISE)),
    **_each("BY", {"by | per | grouped by | group by | split by | broken down by | for each": None}),
    **_each(
        "DIM",
        {
            **{name: name for name in DIMENSIONS if name not in ("day", "month")},
            "services | product | products": "service",
            "providers | clouds | vendor | vendors": "provider",
            "categories | service category": "category",
            "accounts": "account",
            "subscriptions": "subscription",
            "projects": "project",
            "regions | location | locations": "region",
            "resources | instance | instances": "resource",
            "sources": "source",
            "charge category": "charge",
            "teams": "team",
            "envs | environments": "env",
            "apps | application | applications": "app",
        },
    ),
    **_each(
        "UNIT",
        {
            "day | days | d": "day",
            "week | weeks | wk | wks | w": "week",
            "month | months | mth | mths | mo": "month",
            "quarter | quarters": "quarter",
            "year | years | yr | yrs | y": "year",
        },
    ),
    **_each(
        "CADENCE",
        {
            "daily | every day | a day | per day": Cadence.DAILY,
            "weekly | every week": Cadence.WEEKLY,
            "monthly | every month": Cadence.MONTHLY,
        },
    ),
    **_each(
        "KIND",
        {
            "trend | trends | trending | over time": Kind.TREND,
            "forecast | forecasts | forecasted | projection | projected | predict | prediction | outlook": (
                Kind.FORECAST
            ),
            "budget | budgets": Kind.BUDGET,
            "anomaly | anomalies | unusual | surprises | spikes | out of order": Kind.ANOMALIES,
            "recommendation | recommendations | recommend | saving | savings | save | optimize | optimise | waste": (
                Kind.RECOMMENDATIONS
            ),
            "report | reports": Kind.REPORT,
            "subscribe": Kind.SUBSCRIBE,
            "alert | alerts": Kind.ALERT,
            "freshness | fresh | settled | up to date": Kind.FRESHNESS,
            "scope": Kind.SCOPE,
            "help | ? | commands | examples | hello | hi": Kind.HELP,
        },
    ),
    **_each("WHY", {"why | explain": None}),
    **_each(
        "METRIC",
        {
            "billed | invoiced | billed cost": Metric.BILLED,
            "effective | amortized | amortised | effective cost": Metric.EFFECTIVE,
            "list | list price | list prices | at list": Metric.LIST,
            "contracted | negotiated": Metric.CONTRACTED,
        },
    ),
    **_each("CLOUD", {"aws | amazon | amazon web services": "aws", "azure | microsoft azure | microsoft": "azure"}),
    **_each("CLOUD", {"gcp | google | google cloud | google cloud platform": "gcp"}),
    **_each("TOP", {"top | largest | biggest | first": None}),
    **_each("PAGE", {"page": None}),
    **_each("VERSUS", {"vs | versus | against | compared to | compared with | in comparison with | than": None}),
    **_each("COMPARE", {"compare | comparing | difference between": None}),
    **_each("LAST", {"last | past | previous | prior | latest | trailing": None}),
    **_each("THIS", {"this | current | running": None}),
    **_each("NEXT", {"next | coming | upcoming": None}),
    **_each("TODAY", {"today": 0, "yesterday": 1}),
    **_each("AGO", {"ago": None}),
    **_each("TO_DATE", {"month to date | mtd": "month", "week to date | wtd": "week"}),
    **_each("TO_DATE", {"quarter to date | qtd": "quarter", "year to date | ytd": "year"}),
    **_each("FISCAL", {"fiscal | fy | financial": None}),
    **_each("FROM", {"from | between": None}),
    **_each("SINCE", {"since | starting | beginning": None}),
    **_each("TO", {"to | until | till | through | thru | up to": None}),
    **_each("MONTH", {f"{name} | {name[:3]}": number for number, name in enumerate(_MONTHS, 1)}),
    **_each("MONTH", {"sept": 9}),
    **_each("WEEKDAY", {f"{name} | {name[:3]}": number for number, name in enumerate(_WEEKDAYS)}),
    **_each("WEEKDAY", {"tues": 1, "thur | thurs": 3}),
    **_each("NUMBER", {word: number for number, word in enumerate(_NUMBERS, 1)}),
    **_each("OFF", {"off | none | clear | reset | remove": None}),
    **_each("OP", {"above | exceeds | exceed | over | more than | greater than": True}),
    **_each("OP", {"below | under | less than": False}),
    **_each("CURRENCY", {"dollars | dollar | bucks": "USD", "euro | euros": "EUR"}),
    **_each("CURRENCY", {"pounds | sterling": "GBP", "yen": "JPY", "rupees": "INR", "francs": "CHF"}),
}
"""By their spelling in small letters."""

CURRENCIES = frozenset(
    """
AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NGN NOK NZD
PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD VND ZAR
""".split()  # noqa: SIM905  as above
)
"""ISO 4217, as far as bills and exchange rates have them; any other three letters count after `in`."""

PHRASES = tuple(sorted((spelling for spelling in WORDS if " " in spelling), key=len, reverse=True))
"""Those of several words."""
