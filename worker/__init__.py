"""The workers: they take steps from the queue, run them and write what came of it."""
