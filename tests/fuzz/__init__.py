"""Schemathesis against the real stack: what it sends, what it may be refused, and how it is started."""
