"""The CTranslate2 engine: converted weights of any family, on the processor or on CUDA."""

import json
from collections.abc import Sequence

import ctranslate2

from jobs.errors import BrokenModel
from models.engines.contract import EngineOptions
from models.engines.device import batch_tokens, choose_compute_type, choose_device, is_out_of_memory
from models.engines.generation import Decoding, EngineOutOfMemory, Output, Tokens
from models.installed import Model

_END = "</s>"  # of all families


class CTranslate2Generator:
    """Raises BrokenModel for a folder that cannot be loaded."""

    def __init__(self, model: Model, options: EngineOptions) -> None:
        self.device = choose_device(options.device, lambda: ctranslate2.get_cuda_device_count() > 0)
        self.batch_tokens = batch_tokens(self.device)
        try:
            config = json.loads((model.path / "config.json").read_text("utf-8"))
            self._adds_end = bool(config.get("add_source_eos"))
            # mBART-25 starts with the language itself, which then is no token of the target.
            self._starts_with_prefix = config.get("decoder_start_token") is None
            self._translator = ctranslate2.Translator(
                str(model.path),
                device=self.device,
                compute_type=choose_compute_type(
                    self.device,
                    model.quantization,
                    model.family,
                    ctranslate2.get_supported_compute_types(self.device),
                ),
                inter_threads=1,
                intra_threads=options.threads,
            )
            precision = self._translator.compute_type
            self.runs_on = f"ctranslate2 {ctranslate2.__version__} {self.device} {precision}"
        except (RuntimeError, OSError, ValueError, MemoryError) as error:
            if is_out_of_memory(error):
                raise BrokenModel(
                    f"{model.name} does not fit the memory of the {self.device} device"
                ) from error
            raise BrokenModel(f"{model.path} cannot be loaded; install the model again") from error

    def generate(
        self, batch: Sequence[Tokens], target_prefix: Tokens, decoding: Decoding
    ) -> list[list[Output]]:
        forced = 0 if self._starts_with_prefix else len(target_prefix)
        sources = [tokens[:-1] if self._adds_end else tokens for tokens in batch]
        try:
            results = self._translator.translate_batch(
                sources,
                [target_prefix] * len(sources) if target_prefix else None,
                beam_size=decoding.beam_size,
                num_hypotheses=decoding.candidates,
                max_decoding_length=forced + decoding.max_tokens,
                min_decoding_length=forced + decoding.min_tokens,
                max_input_length=0,  # 0 is no limit: the default cuts a long source without a word
                return_end_token=True,
                repetition_penalty=decoding.repetition_penalty,
                no_repeat_ngram_size=decoding.no_repeat_ngram_size,
                length_penalty=decoding.length_penalty,
            )
        except (RuntimeError, MemoryError) as error:
            if is_out_of_memory(error):
                raise EngineOutOfMemory from error
            raise
        return [[_output(tokens, target_prefix) for tokens in result.hypotheses] for result in results]


def _output(tokens: Tokens, target_prefix: Tokens) -> Output:
    if target_prefix and tokens[: len(target_prefix)] == target_prefix:
        tokens = tokens[len(target_prefix) :]
    ended = tokens[-1:] == [_END]
    return Output(tokens[:-1] if ended else tokens, ended)
