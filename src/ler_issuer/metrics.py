"""Figures of one process, for whoever watches over it: how often and how long, never what or about whom.

Labels are methods, statuses and routes as the API describes them (`/v1/learners/{learner_id}`): no identifier of a
learner, an issuer or a document ever is one.
"""

from __future__ import annotations

from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector, generate_latest

MEDIA_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
"""What `Metrics.text` gives (Prometheus exposition format)."""

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The figures, each with the one method that moves it; safe to use from many threads."""

    def __init__(self) -> None:
        """Begin at zero."""
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        self._checks = Counter(
            "ler_canonical_checks", "Canonical forms worked out again by the general path", registry=self._registry
        )
        self._differences = Counter(
            "ler_canonical_differences",
            "Those of them that came out differently; any is an alarm",
            registry=self._registry,
        )
        self._requests = Counter(
            "ler_requests", "Requests answered", ["method", "route", "status"], registry=self._registry
        )
        self._request_seconds = Histogram(
            "ler_request_seconds", "Time to answer a request", ["route"], buckets=_SECONDS, registry=self._registry
        )

    def canonical_checked(self, *, agreed: bool) -> None:
        """Count one canonical form that was worked out by both paths."""
        self._checks.inc()
        if not agreed:
            self._differences.inc()

    @property
    def canonical_differences(self) -> int:
        """How many canonical forms came out differently."""
        return int(self._registry.get_sample_value("ler_canonical_differences_total") or 0)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one request."""
        self._requests.labels(method, route, status).inc()
        self._request_seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Give all figures, as Prometheus reads them."""
        return generate_latest(self._registry)
