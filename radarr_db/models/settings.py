"""The server's configuration."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class ComparedSetting:
    """What a server has for a setting: as it shows it, whether that is what is wanted, and where it has it from.

    ``pending_restart`` tells that another value is stored and waits for a restart.
    """

    name: str
    current: str
    in_order: bool
    pending_restart: bool
    source: str
