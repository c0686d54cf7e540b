"""The device that weights run on: which one, in which precision, how much at once."""

import os
from collections.abc import Callable, Collection
from typing import Literal

from jobs.errors import BrokenModel
from models.catalog import Family

Device = Literal["cpu", "cuda"]

# CUDA's own allocator, cuBLAS's, and torch's, in words that every version of them has used.
_OUT_OF_MEMORY = ("out of memory", "alloc_failed", "bad_alloc")
_BATCH_TOKENS = {"cpu": 1_024, "cuda": 16_384}
_EIGHT_BITS = ("int8_float16", "int8_bfloat16", "int8_float32", "int8")
_SIXTEEN_BITS = ("float16", "bfloat16", "float32")
_NARROW = ("int8_float16", "float16")  # T5's activations overflow them


def choose_device(setting: str, has_cuda: Callable[[], bool]) -> Device:
    """Raises BrokenModel where CUDA is asked for and missing."""
    if setting == "cpu":
        return "cpu"
    if has_cuda():
        return "cuda"
    if setting == "cuda":
        raise BrokenModel("KHULASA_DEVICE is cuda and there is no CUDA device; set it to auto or cpu")
    return "cpu"


def choose_compute_type(device: Device, quantization: str, family: Family, supported: Collection[str]) -> str:
    """CTranslate2's word for the precision; float32 weights stay float32, to compare with."""
    if device == "cpu" or quantization == "float32":
        return "default"  # as the weights were saved, or the nearest to it that this processor has
    wanted = _EIGHT_BITS if quantization.startswith("int8") else _SIXTEEN_BITS
    excluded = _NARROW if family is Family.T5 else ()
    return next((kind for kind in wanted if kind in supported and kind not in excluded), "default")


def cores() -> int:
    """Those that this process may use, where the system can tell."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def batch_tokens(device: Device) -> int:
    """The source tokens of one batch, padding included."""
    return _BATCH_TOKENS[device]


def is_out_of_memory(error: BaseException) -> bool:
    """Neither library has an exception of its own for it in every build, hence the words."""
    return isinstance(error, MemoryError) or any(words in str(error).lower() for words in _OUT_OF_MEMORY)
