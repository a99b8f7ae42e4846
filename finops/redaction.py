"""Secrets taken out of a text before it is kept: of an error only what helps to find its cause."""

from __future__ import annotations

import re
from collections.abc import Iterable

HIDDEN = "[secret]"
_SHAPES = (
    re.compile(r"\bxox[a-z](?:\.xox[a-z])?-[\w.-]+|\bxapp-[\w.-]+|\bxoxe\.[\w.-]+"),  # Slack's tokens
    re.compile(r"https://hooks\.slack(?:-gov)?\.com/\S+?(?=['\"\s]|$)"),  # whoever has the address may write
    re.compile(r"(?<=://)[^\s/@:]*:[^\s/@]+(?=@)"),  # user:password@host
    re.compile(r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b|\bAIza[\w-]{35}"),
    re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)", re.DOTALL),
    re.compile(r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),  # a JSON Web Token
    re.compile(r"(?i)(?<=bearer )[\w.~+/=-]{8,}"),
)
_NAMED = re.compile(
    r"(?i)(['\"]?[\w-]*(?:password|passwd|secret|token|api[_-]?key|accountkey|signature|sig|trigger_id|response_url)['\"]?"
    r"\s*[=:]\s*)(?:SecretStr\()?(\"[^\"]*\"|'[^']*'|[^\s,;)&}]+)"
)
_SHORTEST = 6
"""A known secret shorter than that would blacken half of the text."""


def redact(text: str, known: Iterable[str] = ()) -> str:
    """Return a text without the `known` secrets and without what looks like one."""
    for secret in sorted({one for one in known if len(one) >= _SHORTEST}, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for shape in _SHAPES:
        text = shape.sub(HIDDEN, text)
    return _NAMED.sub(rf"\g<1>{HIDDEN}", text)
