"""Webhooks: where they may be sent."""
