"""The training loss: label-smoothed cross-entropy, and how far attention is from the alignment."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from models.training.batches import UNLINKED, Batch


def loss_of(
    model: Any, batch: Batch, device: torch.device, smoothing: float, guidance: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The loss to minimise, and the plain cross-entropy per target piece in nats for the log.

    The pad row is left out of the output layer: it is the decoder's start, whose embedding must stay
    zero, because CTranslate2 starts Marian decoders from zero. What depends on the batch's values is
    computed before it goes to the device: to ask the device would be to wait for it.
    """
    pad = model.config.pad_token_id
    starts = np.full_like(batch.target[:, :1], pad)
    source = _on(device, batch.source)
    outputs = model.model(
        input_ids=source,
        attention_mask=(source != pad).long(),
        decoder_input_ids=_on(device, np.concatenate((starts, batch.target[:, :-1]), axis=1)),
        use_cache=False,
        output_attentions=guidance > 0.0,
    )
    places = np.flatnonzero(batch.target != pad)
    states = outputs.last_hidden_state.flatten(0, 1)[_on(device, places)]
    bias = model.final_logits_bias[0, :pad]
    logits = torch.nn.functional.linear(states, model.lm_head.weight[:pad], bias).float()
    total = logits.logsumexp(dim=1)
    right = logits.gather(1, _on(device, batch.target.ravel()[places]).unsqueeze(1)).squeeze(1)
    plain = (total - right).mean()
    loss = (1.0 - smoothing) * plain + smoothing * (total - logits.mean(dim=1)).mean()
    if guidance > 0.0:
        loss = loss + guidance * _misplaced(outputs.cross_attentions[0], batch.links, device)
    return loss, plain.detach()


def _misplaced(attention: torch.Tensor, links: NDArray[np.int64], device: torch.device) -> torch.Tensor:
    """Cross-entropy of the mean head of a (batch, heads, target, source) attention."""
    known = np.flatnonzero(links != UNLINKED)
    looked = attention.mean(dim=1).flatten(0, 1)[_on(device, known)]
    return -looked.gather(1, _on(device, links.ravel()[known]).unsqueeze(1)).clamp_min(1e-6).log().mean()


def _on(device: torch.device, array: NDArray[np.int64]) -> torch.Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(array))
    return tensor.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else tensor
