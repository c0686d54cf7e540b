"""What the receiver of webhooks is made of."""
