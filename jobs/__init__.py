"""What the API and the workers agree on: the job record, its store, its queue, errors and settings."""
