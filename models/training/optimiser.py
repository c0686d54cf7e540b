"""The optimiser, and the learning rate over the run."""

from typing import Any

import torch

from models.training.recipe import Optimiser

_FINAL_SHARE = 0.02


class Adam:
    """AdamW with the gradient's norm clipped, over all weights that learn."""

    def __init__(self, model: Any, settings: Optimiser) -> None:
        self._settings = settings
        self.weights = [weight for weight in model.parameters() if weight.requires_grad]
        self._adam = torch.optim.AdamW(
            self.weights, betas=(0.9, 0.98), eps=1e-9, weight_decay=settings.weight_decay, fused=True
        )

    def step(self, rate: float) -> None:
        """Clip the gradients, apply them and clear them, without waiting for the device."""
        torch.nn.utils.clip_grad_norm_(self.weights, self._settings.clip_norm)
        for group in self._adam.param_groups:
            group["lr"] = rate
        self._adam.step()
        self._adam.zero_grad(set_to_none=True)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = self._adam.state_dict()
        return state

    def restore(self, state: dict[str, Any]) -> None:
        self._adam.load_state_dict(state)


def rate_at(settings: Optimiser, step: int, progress: float) -> float:
    """The learning rate of `step` (from 1); `progress` is the share of the run that has gone by."""
    warm = min(1.0, step / max(1, settings.warmup_steps))
    if settings.decay == "inverse-sqrt":
        later = max(1.0, step / max(1, settings.warmup_steps))
        return settings.peak_rate * warm * float(later**-0.5)
    return settings.peak_rate * warm * max(_FINAL_SHARE, 1.0 - progress)
