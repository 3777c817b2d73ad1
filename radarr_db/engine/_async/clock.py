"""Waiting without work, in the manner of this side."""

from __future__ import annotations

from asyncio import sleep

__all__ = ["sleep"]
