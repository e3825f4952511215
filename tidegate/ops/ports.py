"""Whether the venue's ports are free, found out before anything is started."""

from __future__ import annotations

import errno
import os
import socket

from tidegate.ops.config import VenueConfig
from tidegate.ops.errors import ConfigError, PortTakenError


def require_free_ports(config: VenueConfig) -> None:
    """Raises PortTakenError naming the port that somebody else listens on."""
    venue = config.venue
    for key, port in (("port", venue.port), ("marketdata_port", venue.marketdata_port)):
        require_free_port(key, venue.host, port)


def require_free_port(key: str, host: str, port: int) -> None:
    """Binds and lets go. Gateways share a port among themselves, so they would not notice a stranger."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror as error:
        raise ConfigError(f"venue.host {host}: {error.strerror}") from error
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(
                    f"port {port} on {host} is taken by another program; choose another one for venue.{key}, "
                    f"or with --{key.replace('_', '-')}"
                ) from error
            raise ConfigError(f"venue.{key}: {host}:{port}: {os.strerror(error.errno or 0)}") from error
