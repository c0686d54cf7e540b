"""The reference engine: a checkpoint as the hub has it, run by transformers on torch."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
import transformers

from jobs.errors import BrokenModel
from models.catalog import Family
from models.engines.contract import EngineOptions
from models.engines.device import Device, batch_tokens, choose_device, is_out_of_memory
from models.engines.generation import Decoding, EngineOutOfMemory, Output, Tokens
from models.installed import CHECKPOINT, Model


class TransformersGenerator:
    """Decodes as CTranslate2 does: a beam ends once `beam_size` candidates have ended, and the language's
    token counts in a candidate's length. One thing differs: in a beam, transformers applies the repetition
    penalty to log-probabilities, CTranslate2 to logits.

    Raises BrokenModel for a checkpoint that cannot be loaded.
    """

    def __init__(self, model: Model, options: EngineOptions) -> None:
        self.device = choose_device(options.device, torch.cuda.is_available)
        self.batch_tokens = batch_tokens(self.device)
        self.runs_on = f"transformers {transformers.__version__} {self.device} {_precision(self.device)}"
        checkpoint = model.path / CHECKPOINT
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        try:
            self._vocabulary = _vocabulary(model.family, checkpoint)
            self._network: Any = transformers.AutoModelForSeq2SeqLM.from_pretrained(
                checkpoint, local_files_only=True, dtype=_precision(self.device)
            )
            self._network.to(self.device).eval()
        except ImportError:  # `open_generator` says what to install
            raise
        except Exception as error:  # whatever a foreign file makes three libraries raise
            if is_out_of_memory(error):
                raise BrokenModel(
                    f"{model.name} does not fit the memory of the {self.device} device"
                ) from error
            raise BrokenModel(f"{checkpoint} cannot be loaded; install the model again") from error
        if self.device == "cpu":
            torch.set_num_threads(options.threads)
        config = self._network.config
        self._start: int | None = config.decoder_start_token_id
        self._pad: int = config.pad_token_id
        self._end: int = config.eos_token_id
        # Marian's decoder starts from its pad, which is no word; CTranslate2's weights do not have it.
        self._suppressed = [self._pad] if model.family is Family.MARIAN else None
        self._network.generation_config = transformers.GenerationConfig()  # the manifest's decoding alone

    def generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        try:
            with torch.inference_mode():
                return self._generate(batch, target_prefix, decoding)
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise EngineOutOfMemory from error
            raise

    def _generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        sources = [self._vocabulary.ids(tokens) for tokens in batch]
        longest = max(map(len, sources))
        ids = torch.tensor([row + [self._pad] * (longest - len(row)) for row in sources])
        mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in sources])
        start, forced = self._begin(self._vocabulary.ids(target_prefix))
        rows = self._network.generate(
            input_ids=ids.to(self.device),
            attention_mask=mask.to(self.device),
            decoder_input_ids=torch.tensor([[start]] * len(sources), device=self.device),
            generation_config=self._config(decoding, start, forced),
            logits_processor=_processors(decoding),
        )
        skipped = 1 if forced is None else 2
        outputs = [self._output(row[skipped:]) for row in rows.tolist()]
        each = decoding.candidates
        return [outputs[first : first + each] for first in range(0, len(outputs), each)]

    def _begin(self, prefix: list[int]) -> tuple[int, int | None]:
        """The start token, and the language that the first token is made to be; mBART-25 starts with it."""
        if self._start is None or prefix[:1] == [self._start]:
            return prefix[0], None
        return self._start, prefix[0] if prefix else None

    def _config(self, decoding: Decoding, start: int, forced: int | None) -> Any:
        extra = 0 if forced is None else 1
        return transformers.GenerationConfig(
            max_new_tokens=extra + decoding.max_tokens,
            min_new_tokens=extra + decoding.min_tokens,
            num_beams=decoding.beam_size,
            num_return_sequences=decoding.candidates,
            do_sample=False,
            early_stopping=decoding.beam_size > 1,
            renormalize_logits=True,  # what a token that is not allowed leaves goes to the others
            length_penalty=decoding.length_penalty,
            no_repeat_ngram_size=decoding.no_repeat_ngram_size,
            suppress_tokens=self._suppressed,
            forced_bos_token_id=forced,
            decoder_start_token_id=start,
            pad_token_id=self._pad,
            eos_token_id=self._end,
        )

    def _output(self, row: list[int]) -> Output:
        ended = self._end in row
        return Output(self._vocabulary.tokens(row[: row.index(self._end)] if ended else row), ended)


class _Vocabulary(Protocol):
    def ids(self, tokens: Sequence[str]) -> list[int]: ...

    def tokens(self, ids: Sequence[int]) -> Tokens: ...


class _OfTokenizer:
    """As transformers' own tokenizer numbers the tokens."""

    def __init__(self, checkpoint: Path) -> None:
        self._tokenizer: Any = transformers.AutoTokenizer.from_pretrained(checkpoint, local_files_only=True)

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return list(self._tokenizer.convert_tokens_to_ids(list(tokens)))

    def tokens(self, ids: Sequence[int]) -> Tokens:
        return list(self._tokenizer.convert_ids_to_tokens(list(ids)))


class _OfFiles:
    """Marian's vocab.json, and the target's own where the two sides differ."""

    def __init__(self, checkpoint: Path) -> None:
        self._ids: dict[str, int] = json.loads((checkpoint / "vocab.json").read_text("utf-8"))
        own = checkpoint / "target_vocab.json"
        target: dict[str, int] = json.loads(own.read_text("utf-8")) if own.is_file() else self._ids
        self._tokens = {index: token for token, index in target.items()}
        self._unknown = self._ids["<unk>"]

    def ids(self, tokens: Sequence[str]) -> list[int]:
        return [self._ids.get(token, self._unknown) for token in tokens]

    def tokens(self, ids: Sequence[int]) -> Tokens:
        return [self._tokens.get(index, "<unk>") for index in ids]


def _processors(decoding: Decoding) -> Any:
    """The start token is not counted as a repetition: in many models it is also the end."""
    penalty = transformers.RepetitionPenaltyLogitsProcessor(
        decoding.repetition_penalty, prompt_ignore_length=1
    )
    return transformers.LogitsProcessorList([penalty] if decoding.repetition_penalty != 1.0 else [])


def _vocabulary(family: Family, checkpoint: Path) -> _Vocabulary:
    return _OfFiles(checkpoint) if family is Family.MARIAN else _OfTokenizer(checkpoint)


def _precision(device: Device) -> Any:
    """T5 overflows in float16, hence bfloat16 or nothing."""
    return torch.bfloat16 if device == "cuda" and torch.cuda.is_bf16_supported() else torch.float32
