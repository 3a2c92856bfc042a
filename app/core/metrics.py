"""Prometheus metrics, kept in a registry of our own and shown to those who may see them."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()

request_seconds = Histogram(
    "forecourt_request_seconds",
    "Time to answer a request.",
    ("route", "method", "status"),
    registry=registry,
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
unit_repeats = Counter(
    "forecourt_unit_repeats_total", "Units of work repeated after a lock conflict.", registry=registry
)
search_failures = Counter(
    "forecourt_search_failures_total", "Pages answered without the search engine.", registry=registry
)
jobs_finished = Counter("forecourt_jobs_finished_total", "Jobs by outcome.", ("kind", "outcome"), registry=registry)
outbox_waiting = Gauge(
    "forecourt_outbox_waiting", "Events that a consumer has not yet applied.", ("consumer",), registry=registry
)
events_held = Gauge("forecourt_events_held", "Events in quarantine.", registry=registry)
jobs_waiting = Gauge("forecourt_jobs_waiting", "Jobs that are due and not yet taken.", registry=registry)
jobs_oldest_seconds = Gauge(
    "forecourt_jobs_oldest_seconds", "For how long the oldest due job has waited.", registry=registry
)
jobs_dead = Gauge("forecourt_jobs_dead", "Jobs that gave up and wait for somebody.", registry=registry)
live_streams = Gauge("forecourt_live_streams", "Live streams that are open in this process.", registry=registry)
live_ends = Counter("forecourt_live_ends_total", "Live streams that ended, by reason.", ("reason",), registry=registry)

partner_seconds = Histogram(
    "forecourt_partner_seconds",
    "Time of a call to a partner, by what came of it.",
    ("partner", "operation", "outcome"),
    registry=registry,
    buckets=(0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.5, 10.0, 30.0),
)
partner_circuit_open = Gauge(
    "forecourt_partner_circuit_open", "1 while nobody asks this partner.", ("partner",), registry=registry
)
partner_exchanges_lost = Counter(
    "forecourt_partner_exchanges_lost_total", "Exchanges that could not be written down.", registry=registry
)


def observe_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count and time one answer."""
    request_seconds.labels(route, method, str(status)).observe(seconds)


def exposition() -> bytes:
    """The text format that Prometheus reads."""
    return generate_latest(registry)
