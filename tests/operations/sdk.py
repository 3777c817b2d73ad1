"""OpenTelemetry as a service sets it up, exporting to memory."""

from __future__ import annotations

from typing import Any

from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from radarr_db.operations.tracing import Tracing


class Sdk:
    """What an embedding service sets up, and what would be exported by it."""

    def __init__(self) -> None:
        self._spans = InMemorySpanExporter()
        self._metrics = InMemoryMetricReader()
        self.tracers = TracerProvider(shutdown_on_exit=False)
        self.tracers.add_span_processor(SimpleSpanProcessor(self._spans))
        self.meters = MeterProvider([self._metrics], shutdown_on_exit=False)
        self.tracer = self.tracers.get_tracer("tests")

    def tracing(self, conninfo: str, *, pool: str | None = None) -> Tracing:
        return Tracing(conninfo, pool=pool, tracer_provider=self.tracers, meter_provider=self.meters)

    def spans(self) -> list[ReadableSpan]:
        """Those that have ended, in the order of their ends, but for what new connections ask."""
        return [span for span in self._spans.get_finished_spans() if span.name != "connect"]

    def points(self, name: str) -> list[Any]:
        """The points of a metric now."""
        found = self._metrics.get_metrics_data()
        scopes = [scope for resource in found.resource_metrics for scope in resource.scope_metrics] if found else []
        return [
            p for scope in scopes for metric in scope.metrics if metric.name == name for p in metric.data.data_points
        ]

    def values(self, name: str) -> dict[tuple[str, ...], float]:
        """The values of a metric now, by its attributes."""
        return {tuple(point.attributes.values()): point.value for point in self.points(name)}

    def exported(self) -> str:
        """All spans and metrics as they would be sent."""
        found = self._metrics.get_metrics_data()
        spans = [span.to_json() for span in self._spans.get_finished_spans()]
        return "\n".join([*spans, found.to_json() if found else ""])
