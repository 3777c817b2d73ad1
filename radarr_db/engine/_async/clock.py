"""Waiting without work, and taking turns, in the manner of this side."""

from __future__ import annotations

from asyncio import Lock, sleep

__all__ = ["Lock", "sleep"]
