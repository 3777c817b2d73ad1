"""The asyncio engine, written by hand."""
