"""What an environment variable's text means: each parser returns the value or raises ValueError.

Its message is the rest of a sentence that begins with the variable's name.
"""

from __future__ import annotations

import re

from limits import parse as parse_rate

from model.detection.search import DETECTORS

MEBIBYTE = 1024 * 1024
TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"0", "false", "no", "off"})
SECRET_LENGTH = 16  # Characters.
OPERATOR_LENGTH = 200
HOW_TO_SET_IT = (
    "Set it to a long random value, for instance: "
    "export SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_hex(32))')"
)
# An Origin header: scheme, host and, if it is not the default, the port.
ORIGIN = re.compile(r"https?://[^/\s?#@]+")
# A host name or address without port; a leading dot stands for all subdomains.
HOST = re.compile(r"\.?[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
# A contact of RFC 9116: a URI.
CONTACT = re.compile(r"(?:mailto:[^@\s]+@[^@\s]+|https://\S+|tel:[+0-9-]+)")


class SettingsError(Exception):
    """A setting is missing or invalid; the message says which and what to do."""


def flag(text: str) -> bool:
    """Parse a switch."""
    if text.lower() in TRUE_WORDS:
        return True
    if text.lower() in FALSE_WORDS:
        return False
    raise ValueError("must be 1 or 0")


def count(text: str) -> int:
    """Parse a whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ValueError("must be a whole number from 1 up")
    return int(text)


def mebibytes(text: str) -> int:
    """Parse a whole number of MiB; returns bytes."""
    return count(text) * MEBIBYTE


def rate(text: str) -> str | None:
    """Parse a rate in the notation of ``limits``; None for "off"."""
    if text.lower() in FALSE_WORDS:
        return None
    try:
        parse_rate(text)
    except ValueError:
        raise ValueError('must be like "60 per minute", or "off" for no limit') from None
    return text


def origins(text: str) -> tuple[str, ...]:
    """Parse a list of origins, separated by commas or spaces; an origin has no path and no slash at its end."""
    found = tuple(text.replace(",", " ").split())
    for origin in found:
        if origin != "*" and not ORIGIN.fullmatch(origin):
            raise ValueError("must name origins such as https://example.org")
    return found


def hosts(text: str) -> tuple[str, ...]:
    """Parse a list of host names without ports, separated by commas or spaces."""
    found = tuple(text.replace(",", " ").split())
    for host in found:
        if not HOST.fullmatch(host):
            raise ValueError("must name hosts such as example.org or .example.org, without scheme and port")
    return found


def detector(text: str) -> str:
    """Parse the name of a detector."""
    for name in DETECTORS:
        if text.lower() == name:
            return name
    raise ValueError(f"must be {' or '.join(DETECTORS)}")


def contact(text: str) -> str:
    """Parse a contact; returns a URI, also for a bare mail address."""
    address = f"mailto:{text}" if "@" in text and ":" not in text else text
    if not CONTACT.fullmatch(address):
        raise ValueError("must be a mail address, an https address or tel:+…")
    return address


def operator(text: str) -> str:
    """Take the operator's name and contact as plain text of one line."""
    if len(text) > OPERATOR_LENGTH or not text.isprintable():
        raise ValueError(f"must be one line of up to {OPERATOR_LENGTH} characters")
    return text


def secret(text: str) -> str:
    """Take a secret key as it is; raises SettingsError, which does not repeat it, if it is too short."""
    if len(text) < SECRET_LENGTH:
        raise SettingsError(
            f"SECRET_KEY has {len(text)} characters, so the site will not start: whoever guesses it can forge "
            f"results and forms. It needs at least {SECRET_LENGTH}. {HOW_TO_SET_IT}"
        )
    return text
