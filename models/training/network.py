"""The network: a plain Hugging Face Marian model, and where its weights start from."""

import json
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from transformers import MarianConfig, MarianMTModel

from models.training import checkpoint, vocabulary
from models.training.recipe import Network

VOCABULARY_FILES = {"source": "vocab.json", "target": "target_vocab.json"}
_SHAPE = {  # a recipe's name for it, and the configuration's
    "vocabulary.size": "vocab_size",
    "width": "d_model",
    "feed_forward": "encoder_ffn_dim",
    "heads": "encoder_attention_heads",
    "encoder_layers": "encoder_layers",
    "decoder_layers": "decoder_layers",
    "activation": "activation_function",
}


def device_of(name: str) -> torch.device:
    """`auto` is the GPU, if there is one."""
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    return torch.device(name)


def build(network: Network, size: int, max_tokens: int = 512) -> Any:
    """A fresh model. `size`: of each vocabulary, with the pad token, which is the last id.

    Both have one size because Marian configurations know one pad id, and CTranslate2 drops the last
    row of both sides for it.
    """
    config = MarianConfig(
        vocab_size=size,
        decoder_vocab_size=size,
        share_encoder_decoder_embeddings=False,
        tie_word_embeddings=True,
        d_model=network.width,
        encoder_layers=network.encoder_layers,
        decoder_layers=network.decoder_layers,
        encoder_ffn_dim=network.feed_forward,
        decoder_ffn_dim=network.feed_forward,
        encoder_attention_heads=network.heads,
        decoder_attention_heads=network.heads,
        dropout=network.dropout,
        attention_dropout=0.0,
        activation_dropout=0.0,
        activation_function=network.activation,
        scale_embedding=True,
        init_std=network.width**-0.5,
        max_position_embeddings=max_tokens,
        eos_token_id=vocabulary.EOS,
        forced_eos_token_id=vocabulary.EOS,
        bos_token_id=vocabulary.EOS,
        pad_token_id=size - 1,
        decoder_start_token_id=size - 1,
    )
    model = MarianMTModel(config)
    model.generation_config.bad_words_ids = [[config.pad_token_id]]
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2 and "embed" not in name:
                gain = 0.5 if name.endswith(("fc2.weight", "out_proj.weight")) else 1.0
                torch.nn.init.normal_(weight, std=gain * weight.shape[1] ** -0.5)
    return model


def start_from_checkpoint(model: Any, directory: Path, run: Path) -> None:
    """Take the weights of the checkpoint in `directory`; raises ForeignFile, which says what to do, where
    its vocabularies are not those of `run`, its network is not the recipe's, or `run` would write over it."""
    if directory.resolve().is_relative_to(run.resolve()):
        raise checkpoint.ForeignFile(f"{directory} is in the run itself: copy it out, or use another --run")
    other = checkpoint.differing(checkpoint.vocabularies(directory), checkpoint.vocabularies(run))
    if other:
        raise checkpoint.ForeignFile(
            f"{directory} was made with another {', another '.join(other)}: copy its own into {run}"
        )
    kept = MarianMTModel.from_pretrained(directory)
    found = {name: getattr(kept.config, own) for name, own in _SHAPE.items()}
    other = [
        f"{name} {found[name]}" for name, own in _SHAPE.items() if found[name] != getattr(model.config, own)
    ]
    if other:
        raise checkpoint.ForeignFile(f"{directory} has {', '.join(other)}: put that into the recipe")
    model.load_state_dict(kept.state_dict())


def start_from_lexicon(
    model: Any, probability: NDArray[np.float32], target_vectors: NDArray[np.float32]
) -> None:
    """Put each source piece where its translations stand, and let attention copy what it looks at.

    The untrained network then already translates word by word, roughly; `probability` is
    (source pieces, target pieces), `target_vectors` (target pieces, width) with rows of length 1.
    """
    frequent = probability.mean(axis=0, keepdims=True)
    sources = (probability / np.sqrt(frequent + 1e-6)) @ target_vectors
    sources /= np.linalg.norm(sources, axis=1, keepdims=True) + 1e-9
    with torch.no_grad():
        # The last row, the pad token's, stays zero: it is what CTranslate2 starts decoding from.
        model.model.encoder.embed_tokens.weight[:-1] = torch.from_numpy(sources[:-1])
        model.model.decoder.embed_tokens.weight[:-1] = torch.from_numpy(target_vectors[:-1])
        attention = model.model.decoder.layers[0].encoder_attn
        for matrix in (attention.v_proj.weight, attention.out_proj.weight):
            matrix.copy_(torch.eye(matrix.shape[0]) + 0.1 * matrix)


def start_from_frequencies(model: Any, counts: NDArray[np.int64]) -> None:
    """Set the output bias to the log share of each target piece, the best guess without a source.

    `counts` are those of the training targets, with the EOS of each.
    """
    shares = (counts + 1.0) / (counts.sum() + len(counts))
    bias = torch.zeros_like(model.final_logits_bias)
    bias[0, : len(counts)] = torch.from_numpy(np.log(shares) - np.log(shares).mean()).float()
    model.final_logits_bias.copy_(bias)


def word_vectors(sentences: Iterable[NDArray[np.int32]], size: int, width: int) -> NDArray[np.float32]:
    """Vectors of length 1 for target pieces: half from their company (positive pointwise mutual
    information within three places, Levy and Goldberg 2014), half random to keep rare ones apart."""
    together = np.zeros(size * size, np.float64)
    stream = np.concatenate([np.append(one, vocabulary.EOS) for one in sentences]).astype(np.int64)
    for distance in (1, 2, 3):
        cells = stream[:-distance] * size + stream[distance:]
        together += np.bincount(cells, minlength=size * size) / distance
    grid = torch.from_numpy(together.reshape(size, size)).float()
    grid += grid.T.clone()
    total, rows = grid.sum(), grid.sum(dim=1, keepdim=True)
    smoothed = rows.T**0.75 / (rows**0.75).sum()
    information = torch.log((grid / total) / (rows / total * smoothed + 1e-12) + 1e-12).clamp_(min=0)
    left, strength, _ = torch.svd_lowrank(information, q=width, niter=2)
    company = torch.nn.functional.normalize(left * strength.sqrt(), dim=1)
    mixed = torch.nn.functional.normalize(company + torch.randn(size, width) * width**-0.5, dim=1)
    result: NDArray[np.float32] = mixed.numpy()
    return result


def save(model: Any, spm_directory: Path, result: Path, seen: Mapping[str, int]) -> None:
    """A checkpoint that `MarianMTModel` and `MarianTokenizer` load without further help, and how many target
    tokens of each origin it has seen."""
    with checkpoint.whole(result) as directory:
        _write(model, spm_directory, directory)
        (directory / checkpoint.SEEN).write_text(json.dumps(seen, indent=2), "utf-8")


def _write(model: Any, spm_directory: Path, directory: Path) -> None:
    model.save_pretrained(directory)
    for side, name in VOCABULARY_FILES.items():
        shutil.copyfile(spm_directory / f"{side}.spm", directory / f"{side}.spm")
        pieces = vocabulary.pieces_of(vocabulary.load(spm_directory, side), model.config.vocab_size)
        ids = {piece: index for index, piece in enumerate(pieces)}
        (directory / name).write_text(json.dumps(ids, ensure_ascii=False), "utf-8")
    settings = {
        "tokenizer_class": "MarianTokenizer",
        "separate_vocabs": True,
        "model_max_length": model.config.max_position_embeddings,
    }
    (directory / "tokenizer_config.json").write_text(json.dumps(settings, indent=2), "utf-8")
