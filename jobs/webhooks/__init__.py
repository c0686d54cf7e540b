"""Webhooks: where they may go, what is to be delivered, and what came of it."""
