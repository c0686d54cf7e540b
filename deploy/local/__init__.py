"""The whole of Khulasa on one machine: Redis, a worker and the API, started and stopped together."""
