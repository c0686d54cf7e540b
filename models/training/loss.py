"""The training loss: label-smoothed cross-entropy, and how far attention is from the alignment."""

from typing import Any

import torch

from models.training.batches import UNLINKED, Batch


def loss_of(
    model: Any, batch: Batch, device: torch.device, smoothing: float, guidance: float
) -> tuple[torch.Tensor, float]:
    """The loss to minimise, and the plain cross-entropy per target piece in nats for the log.

    The pad row is left out of the output layer: it is the decoder's start, whose embedding must stay
    zero, because CTranslate2 starts Marian decoders from zero.
    """
    pad = model.config.pad_token_id
    source = torch.from_numpy(batch.source).to(device)
    target = torch.from_numpy(batch.target).to(device)
    start = torch.full_like(target[:, :1], pad)
    outputs = model.model(
        input_ids=source,
        attention_mask=(source != pad).long(),
        decoder_input_ids=torch.cat((start, target[:, :-1]), dim=1),
        use_cache=False,
        output_attentions=guidance > 0.0,
    )
    real = target != pad
    states = outputs.last_hidden_state[real]
    bias = model.final_logits_bias[0, :pad]
    logits = torch.nn.functional.linear(states, model.lm_head.weight[:pad], bias)
    scores = torch.log_softmax(logits.float(), dim=-1)
    chosen = -scores.gather(1, target[real].unsqueeze(1)).mean()
    loss = (1.0 - smoothing) * chosen - smoothing * scores.mean()
    if guidance > 0.0:
        loss = loss + guidance * _misplaced(outputs.cross_attentions[0], batch, device)
    return loss, float(chosen.detach())


def _misplaced(attention: torch.Tensor, batch: Batch, device: torch.device) -> torch.Tensor:
    """Cross-entropy of the mean head of a (batch, heads, target, source) attention."""
    links = torch.from_numpy(batch.links).to(device)
    known = links != UNLINKED
    looked = attention.mean(dim=1)[known]
    return -looked.gather(1, links[known].unsqueeze(1)).clamp_min(1e-6).log().mean()
