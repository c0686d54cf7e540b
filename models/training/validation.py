"""The validation score: chrF of greedy translations of a few development sentences."""

from typing import Any

import torch

from models.training.vocabulary import EOS

_BATCH = {"cpu": 50, "cuda": 500}  # a GPU takes as long for one as for the other


class Validation:
    """Sentences spread evenly over a development set; both lists are in the engine form."""

    def __init__(
        self,
        sources: list[str],
        references: list[str],
        source_processor: Any,
        target_processor: Any,
        sentences: int,
    ) -> None:
        if len(sources) != len(references):
            raise ValueError(f"{len(sources)} development sentences have {len(references)} references")
        stride = max(1, len(sources) // max(1, sentences))
        self._sources = sources[::stride][:sentences]
        self._references = references[::stride][:sentences]
        self._source_processor = source_processor
        self._target_processor = target_processor

    def chrf(self, model: Any, device: torch.device) -> float:
        """sacrebleu's chrF, 0–100."""
        import sacrebleu

        texts = translate(model, self._sources, self._source_processor, self._target_processor, device)
        return float(sacrebleu.corpus_chrf(texts, [self._references]).score)


def translate(
    model: Any, texts: list[str], source_processor: Any, target_processor: Any, device: torch.device
) -> list[str]:
    """Greedy translations in the order of `texts`."""
    model.eval()
    pad = model.config.pad_token_id
    encoded = [[*ids, EOS] for ids in source_processor.encode(texts)]
    order = sorted(range(len(texts)), key=lambda index: len(encoded[index]))
    results = [""] * len(texts)
    size = _BATCH[device.type]
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        longest = max(len(encoded[index]) for index in chosen)
        source = torch.full((len(chosen), longest), pad, dtype=torch.long)
        for row, index in enumerate(chosen):
            source[row, : len(encoded[index])] = torch.tensor(encoded[index])
        source = source.to(device)
        with torch.inference_mode():
            generated = model.generate(
                input_ids=source,
                attention_mask=(source != pad).long(),
                max_new_tokens=min(2 * longest + 10, model.config.max_position_embeddings - 2),
                num_beams=1,
                do_sample=False,
            )
        for index, ids in zip(chosen, generated.tolist(), strict=True):
            results[index] = target_processor.decode([i for i in ids if i not in (pad, EOS)])
    return results
