"""Weights: the true model class of each layout, scaled down and, if asked, taught the toy language."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch  # noqa: TID253  # imported by what makes weights alone
import transformers  # noqa: TID253

from models.engines.generation import Tokens
from models.engines.tokenizers import open_tokenizer
from models.installed import Model
from tests.checkpoints.language import pairs
from tests.checkpoints.layouts import Layout, facts_of

_WIDTH = 64
_BATCH = 32
_SPREAD = 8.0


def write_weights(layout: Layout, directory: Path, size: int, *, steps: int) -> None:
    """`size`: rows of the embeddings, as `write_tokenizer` counts them."""
    torch.manual_seed(1)
    torch.set_num_threads(1)  # more of them make so small a network slower
    model = _network(layout, size, directory)
    if steps:
        _train(model, layout, directory, steps)
    else:
        _spread(model)
    model.eval().save_pretrained(directory)


def numbering(layout: Layout, directory: Path) -> Callable[[Tokens], list[int]]:
    """Tokens to rows of the embeddings, as transformers counts them."""
    if layout.family == "marian":
        ids: dict[str, int] = json.loads((directory / "vocab.json").read_text("utf-8"))
        return lambda tokens: [ids.get(token, ids["<unk>"]) for token in tokens]
    tokenizer: Any = transformers.AutoTokenizer.from_pretrained(directory)
    return lambda tokens: list(tokenizer.convert_tokens_to_ids(tokens))


def _network(layout: Layout, size: int, directory: Path) -> Any:
    if layout.family == "t5":
        kind = "T5" if layout is Layout.MADLAD else "MT5"
        config = getattr(transformers, f"{kind}Config")(
            vocab_size=size, d_model=_WIDTH, d_kv=16, d_ff=128, num_layers=2, num_decoder_layers=2,
            num_heads=4, feed_forward_proj="gated-gelu", tie_word_embeddings=False, dropout_rate=0.0,
            decoder_start_token_id=0, pad_token_id=0, eos_token_id=1,
        )  # fmt: skip
        return getattr(transformers, f"{kind}ForConditionalGeneration")(config)
    shape: dict[str, Any] = {
        "vocab_size": size, "d_model": _WIDTH, "encoder_layers": 2, "decoder_layers": 2,
        "encoder_attention_heads": 4, "decoder_attention_heads": 4, "encoder_ffn_dim": 128,
        "decoder_ffn_dim": 128, "dropout": 0.0, "attention_dropout": 0.0, "activation_dropout": 0.0,
        "max_position_embeddings": 256,
    }  # fmt: skip
    if layout.family == "marian":
        ids = {"pad_token_id": size - 1, "decoder_start_token_id": size - 1, "eos_token_id": 0}
        forced = {"forced_eos_token_id": 0, "bos_token_id": 0}
        return transformers.MarianMTModel(
            transformers.MarianConfig(
                **shape, **ids, **forced, scale_embedding=True, activation_function="swish",
                encoder_layerdrop=0.0, decoder_layerdrop=0.0, decoder_vocab_size=size,
            )
        )  # fmt: skip
    ids = {"bos_token_id": 0, "pad_token_id": 1, "eos_token_id": 2}
    if layout in {Layout.NLLB, Layout.M2M100}:
        drop = {"encoder_layerdrop": 0.0, "decoder_layerdrop": 0.0}
        config = transformers.M2M100Config(
            **shape, **ids, **drop, scale_embedding=True, decoder_start_token_id=2
        )
        return transformers.M2M100ForConditionalGeneration(config)
    start = numbering(layout, directory)(["en_XX"])[0] if layout is Layout.MBART25 else 2
    names = {Layout.ARABART: "BarthezTokenizer", Layout.MBART50: "MBart50Tokenizer"}
    named = {"tokenizer_class": names[layout]} if layout in names else {}
    config = transformers.MBartConfig(
        **shape, **ids, **named, scale_embedding=layout is not Layout.ARABART, decoder_start_token_id=start
    )
    return transformers.MBartForConditionalGeneration(config)


def _spread(model: Any) -> None:
    """Random weights so wide that outputs differ, end, and have a best token that is the best by far."""
    for name, weight in model.named_parameters():
        if weight.dim() > 1 and "embed" not in name and "shared" not in name:
            weight.data.mul_(_SPREAD)
    model.lm_head.weight.data[model.config.eos_token_id].mul_(_SPREAD / 2)


def _train(model: Any, layout: Layout, directory: Path, steps: int) -> None:
    numbers = numbering(layout, directory)
    tokenizer = open_tokenizer(Model(path=directory, **facts_of(layout)))
    corpus = list(pairs(steps * _BATCH, seed=2, longest=4))
    sources = [numbers(tokenizer.encode(source)) for source, _ in corpus]
    targets = [numbers(_target(tokenizer, directory, target)) for _, target in corpus]
    optimiser = torch.optim.AdamW(model.parameters(), lr=4e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, max_lr=4e-3, total_steps=steps)
    model.train()
    pad = model.config.pad_token_id
    for step in range(steps):
        rows = slice(step * _BATCH, (step + 1) * _BATCH)
        source = _rows(sources[rows], pad)
        target = _rows(targets[rows], pad)
        start = torch.full((len(target), 1), model.config.decoder_start_token_id)
        if layout is Layout.MBART25:
            start, target = target[:, :1], target[:, 1:]
        logits = model(
            input_ids=source,
            attention_mask=source.ne(pad),
            decoder_input_ids=torch.cat([start, target[:, :-1]], dim=1),
        ).logits
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten(), ignore_index=pad)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad()
        schedule.step()


def _target(tokenizer: Any, directory: Path, text: str) -> Tokens:
    import sentencepiece

    name = next(
        name
        for name in ("target.spm", "spiece.model", "sentencepiece.bpe.model")
        if (directory / name).is_file()
    )
    processor = sentencepiece.SentencePieceProcessor(str(directory / name))
    return [*tokenizer.target_prefix, *processor.encode(text, out_type=str), "</s>"]


def _rows(batch: list[list[int]], pad: int) -> Any:
    width = max(map(len, batch))
    return torch.tensor([row + [pad] * (width - len(row)) for row in batch])
