"""The broker's transport: Kombu's for Redis, which loses neither places nor messages with a connection."""

from typing import Any, Final

from kombu.transport import TRANSPORT_ALIASES, redis, virtual
from redis.exceptions import ConnectionError as NotConnected

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

    def _connparams(self, *choices: Any, **named: Any) -> dict[str, Any]:
        """Kombu publishes on the channel that it had before its declaration of the queue had to connect anew,
        and that is closed: an AttributeError, where this one has it try again on the new channel."""
        if self.connection is None:
            raise NotConnected("the channel is closed")
        found: dict[str, Any] = super()._connparams(*choices, **named)  # type: ignore[misc]
        return found


class Transport(redis.Transport):
    Channel = _Channel
