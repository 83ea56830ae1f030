"""The benchmarks of promises.md: each against a reference in the same run."""
