"""How fast this is, beside others: `python -m benchmarks` measures, and writes `docs/performance.md`."""
