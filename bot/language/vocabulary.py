"""Every word that means something: synonyms, plurals, and what one types in haste."""

from __future__ import annotations

from bot.language.question import Cadence, Kind
from finops.focus import DIMENSIONS, Metric
from finops.recommendations.lifecycle import Stage

Meaning = tuple[str, object]
"""What a word is to the grammar, and what it stands for."""


def each(token: str, meanings: dict[str, object]) -> dict[str, Meaning]:
    """Return what each spelling is; those of one meaning are divided by bars."""
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
    **each("NOISE", dict.fromkeys(_NOISE)),
    **each("BY", {"by | per | grouped by | group by | split by | broken down by | for each": None}),
    **each(
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
    **each(
        "UNIT",
        {
            "day | days | d": "day",
            "week | weeks | wk | wks | w": "week",
            "month | months | mth | mths | mo": "month",
            "quarter | quarters": "quarter",
            "year | years | yr | yrs | y": "year",
        },
    ),
    **each(
        "CADENCE",
        {
            "daily | every day | a day | per day": Cadence.DAILY,
            "weekly | every week": Cadence.WEEKLY,
            "monthly | every month": Cadence.MONTHLY,
        },
    ),
    **each(
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
            "subscribe | unsubscribe": Kind.SUBSCRIBE,
            "alert": Kind.ALERT,
            "alerts": Kind.ALERTS,
            "freshness | fresh | settled | up to date": Kind.FRESHNESS,
            "scope": Kind.SCOPE,
            "help | ? | commands | examples": Kind.HELP,
            "hello | hi | hey": Kind.HELP,
            "thanks | thank you | thx | cheers | many thanks | thanks a lot | thanks in advance": Kind.THANKS,
        },
    ),
    **each(
        "DECIDED",
        {
            "approved": Stage.APPROVED,
            "carried out | carried-out": Stage.CARRIED_OUT,
            "snoozed": Stage.SNOOZED,
            "dismissed": Stage.DISMISSED,
        },
    ),
    **each("WHY", {"why | explain": None}),
    **each(
        "METRIC",
        {
            "billed | invoiced | billed cost": Metric.BILLED,
            "effective | amortized | amortised | effective cost": Metric.EFFECTIVE,
            "list | list price | list prices | at list": Metric.LIST,
            "contracted | negotiated": Metric.CONTRACTED,
        },
    ),
    **each("CLOUD", {"aws | amazon | amazon web services": "aws", "azure | microsoft azure | microsoft": "azure"}),
    **each("CLOUD", {"gcp | google | google cloud | google cloud platform": "gcp"}),
    **each("TOP", {"top | largest | biggest | first": None}),
    **each("MOST", {"most | costliest | priciest | dearest": None}),
    **each("PAGE", {"page": None}),
    **each("VERSUS", {"vs | versus | against | compared to | compared with | in comparison with | than": None}),
    **each("COMPARE", {"compare | comparing | difference between": None}),
    **each("LAST", {"last | past | previous | prior | latest | trailing": None}),
    **each("THIS", {"this | current | running": None}),
    **each("NEXT", {"next | coming | upcoming": None}),
    **each("TODAY", {"today": 0, "yesterday": 1}),
    **each("AGO", {"ago": None}),
    **each("TO_DATE", {"month to date | mtd": "month", "week to date | wtd": "week"}),
    **each("TO_DATE", {"quarter to date | qtd": "quarter", "year to date | ytd": "year"}),
    **each("FISCAL", {"fiscal | fy | financial": None}),
    **each("FROM", {"from | between": None}),
    **each("SINCE", {"since | starting | beginning": None}),
    **each("TO", {"to | until | till | through | thru | up to": None}),
    **each("MONTH", {f"{name} | {name[:3]}": number for number, name in enumerate(_MONTHS, 1)}),
    **each("MONTH", {"sept": 9}),
    **each("WEEKDAY", {f"{name} | {name[:3]}": number for number, name in enumerate(_WEEKDAYS)}),
    **each("WEEKDAY", {"tues": 1, "thur | thurs": 3}),
    **each("NUMBER", {word: number for number, word in enumerate(_NUMBERS, 1)}),
    **each("OFF", {"off | none | clear | reset | remove": None}),
    **each("OP", {"above | exceeds | exceed | over | more than | greater than": True}),
    **each("OP", {"below | under | less than": False}),
    **each("CURRENCY", {"dollars | dollar | bucks": "USD", "euro | euros": "EUR"}),
    **each("CURRENCY", {"pounds | sterling": "GBP", "yen": "JPY", "rupees": "INR", "francs": "CHF"}),
}
"""By their spelling in small letters."""

CURRENCIES = frozenset(
    """
AED ARS AUD BGN BRL CAD CHF CLP CNY COP CZK DKK EGP EUR GBP HKD HUF IDR ILS INR ISK JPY KRW MXN MYR NGN NOK NZD
PEN PHP PKR PLN QAR RON RSD SAR SEK SGD THB TRY TWD UAH USD VND ZAR
""".split()  # noqa: SIM905  as above
)
"""ISO 4217, as far as bills and exchange rates have them; any other three letters count after `in`."""

GREETINGS = frozenset(word for word, (_, value) in WORDS.items() if value is Kind.THANKS) | {"hello", "hi", "hey"}
"""What people say beside a question: alone it is answered, too."""

PHRASES = tuple(sorted((spelling for spelling in WORDS if " " in spelling), key=len, reverse=True))
"""Those of several words."""
