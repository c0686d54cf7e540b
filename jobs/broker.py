"""The broker's transport: Kombu's for Redis, whose places are not lost with a connection."""

from typing import Final

from kombu.transport import TRANSPORT_ALIASES, redis, virtual

NAME: Final = "khulasa"  # by which Kombu knows it, in URLs too
TRANSPORT_ALIASES[NAME] = f"{__name__}:Transport"


class _QoS(redis.QoS):
    def ack(self, delivery_tag: str) -> None:
        """Kombu would count a message as under way for ever if its connection broke in this very moment, and
        a worker that may hold one at a time would take no other."""
        try:
            super().ack(delivery_tag)
        except Exception:
            virtual.QoS.ack(self, delivery_tag)
            raise


class _Channel(redis.Channel):
    QoS = _QoS


class Transport(redis.Transport):
    Channel = _Channel
