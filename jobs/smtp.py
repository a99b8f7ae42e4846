"""Sending one mail by SMTP, and telling apart what may be tried again, what never arrives, and what nobody knows."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from ipaddress import ip_address
from urllib.parse import SplitResult, unquote, urlsplit

from finops.errors import BadSettingError, CostsError

TIMEOUT_SECONDS = 30
PORTS = {"smtp": 587, "smtps": 465}
PERMANENT = 500


class NotYetError(CostsError):
    """The server did not take the mail now; it may later."""


class NeverError(CostsError):
    """The server will never take this mail."""


class UnknownError(CostsError):
    """The mail was handed over, but the connection broke before the server answered."""


class _Client(smtplib.SMTP):
    handed_over = False

    def data(self, msg: object) -> tuple[int, bytes]:
        """Note that from here on the server may have the mail."""
        self.handed_over = True
        answer = super().data(msg)  # type: ignore[arg-type]
        self.handed_over = False
        return answer


class _SecureClient(_Client, smtplib.SMTP_SSL):
    pass


def send(url: str, message: EmailMessage) -> str:
    """Send a mail to its one receiver and return the server's answer. Raises NotYetError, NeverError, UnknownError.

    Raises BadSettingError for an address of a server that cannot be used.
    """
    client: _Client | None = None
    try:
        with _connected(url) as client:
            client.send_message(message)
            return "accepted"
    except smtplib.SMTPResponseException as error:
        raise _refused(error.smtp_code, error.smtp_error) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _refused(code, said) from error
    except smtplib.SMTPNotSupportedError as error:
        told = f"The mail server cannot take this mail ({error})."
        raise NeverError(told) from error
    except (OSError, smtplib.SMTPException) as error:  # an SMTPServerDisconnected, a timeout, a failed handshake
        if client is not None and client.handed_over:
            told = "The connection broke after the mail was handed over; it may have arrived."
            raise UnknownError(told) from error
        told = f"The mail server {urlsplit(url).hostname} could not be used ({error})."
        raise NotYetError(told) from error


def _refused(code: int, said: bytes | str) -> CostsError:
    words = " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())[:300]
    told = f"The mail server answered {code}: {words}"
    # A wrong password is the operator's to mend, and the mail is worth keeping meanwhile.
    login = code in {530, 534, 535, 538}
    return NeverError(told) if code >= PERMANENT and not login else NotYetError(told)


@contextmanager
def _connected(url: str) -> Iterator[_Client]:
    parts = _parts(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    if parts.scheme == "smtps":
        client: _Client = _SecureClient(host, port, timeout=TIMEOUT_SECONDS, context=context)
    else:
        client = _Client(host, port, timeout=TIMEOUT_SECONDS)
    try:
        client.ehlo_or_helo_if_needed()
        secure = parts.scheme == "smtps"
        if not secure and client.has_extn("starttls"):
            client.starttls(context=context)
            client.ehlo()
            secure = True
        if parts.username is not None:
            _login(client, parts.username, parts.password or "", host=host, secure=secure)
        yield client
    finally:
        _leave(client)


def _leave(client: smtplib.SMTP) -> None:
    try:
        client.quit()
    except (OSError, smtplib.SMTPException):  # what was said before counts, not how the goodbye went
        client.close()


def _parts(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in PORTS and parts.hostname and (parts.port is None or parts.port)
    except ValueError:
        usable = False
    if not usable:
        message = "SMTP_URL is wrong: write smtp://user:password@host:587 or smtps://user:password@host:465."
        raise BadSettingError(message)
    return parts


def _login(client: smtplib.SMTP, user: str, password: str, *, host: str, secure: bool) -> None:
    if not secure and not _is_this_machine(host):
        message = f"The mail server {host} offers no encryption, so the password of SMTP_URL was not sent to it."
        raise BadSettingError(message)
    client.login(unquote(user), unquote(password))


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
