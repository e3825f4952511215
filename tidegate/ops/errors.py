"""What goes wrong around the venue; each message is one line for the operator.

OpsError
├── ConfigError          the configuration cannot be used; the message names the key
├── VenueRunningError    another venue works on this data directory, or has not ended yet
├── PortTakenError       somebody else listens on a port of the venue
├── StartError           a process of the venue did not get ready
├── ListingRefusedError  a symbol cannot be listed or delisted
└── RequestError         the venue refused a request, or did not answer
"""

from __future__ import annotations


class OpsError(Exception):
    """Anything that this package raises for the operator to read."""


class ConfigError(OpsError):
    """The configuration cannot be used; the message names the key."""


class VenueRunningError(OpsError):
    """Another venue works on this data directory, or has not ended yet."""


class PortTakenError(OpsError):
    """Somebody else listens on a port of the venue."""


class StartError(OpsError):
    """A process of the venue did not get ready."""


class ListingRefusedError(OpsError):
    """A symbol cannot be listed or delisted."""


class RequestError(OpsError):
    """The venue refused a request, or did not answer."""
