"""The device: which one, in which precision, and the errors that mean that its memory is full."""

import pytest

from jobs.errors import BrokenModel
from models.catalog import Family
from models.engines.device import batch_tokens, choose_compute_type, choose_device, is_out_of_memory

H100 = {"float32", "float16", "bfloat16", "int8", "int8_float32", "int8_float16", "int8_bfloat16"}
PASCAL = {"float32", "int8", "int8_float32"}


def test_auto_takes_cuda_where_there_is_one() -> None:
    assert choose_device("auto", lambda: True) == "cuda"
    assert choose_device("auto", lambda: False) == "cpu"
    assert choose_device("cuda", lambda: True) == "cuda"


def test_cuda_is_not_asked_for_where_the_processor_is_wanted() -> None:
    assert choose_device("cpu", lambda: pytest.fail("asked")) == "cpu"


def test_cuda_that_is_missing_is_named_with_its_setting() -> None:
    with pytest.raises(BrokenModel, match="KHULASA_DEVICE"):
        choose_device("cuda", lambda: False)


@pytest.mark.parametrize(
    ("quantization", "supported", "chosen"),
    [
        ("int8", H100, "int8_float16"),
        ("int8", PASCAL, "int8_float32"),
        ("int8_bfloat16", H100 - {"int8_float16"}, "int8_bfloat16"),
        ("float16", H100, "float16"),
        ("bfloat16", PASCAL, "float32"),
        ("not stated", H100, "float16"),
        ("float32", H100, "default"),
    ],
)
def test_cuda_computes_in_the_smallest_type_that_it_has(
    quantization: str, supported: set[str], chosen: str
) -> None:
    assert choose_compute_type("cuda", quantization, Family.NLLB, supported) == chosen


def test_t5_is_kept_from_the_types_that_it_overflows() -> None:
    assert choose_compute_type("cuda", "int8", Family.T5, H100) == "int8_bfloat16"
    assert choose_compute_type("cuda", "float16", Family.T5, H100) == "bfloat16"


def test_the_processor_computes_in_what_was_saved() -> None:
    assert choose_compute_type("cpu", "int8", Family.T5, {"int8", "float32"}) == "default"


def test_cuda_gets_larger_batches() -> None:
    assert batch_tokens("cuda") > batch_tokens("cpu")


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("CUDA failed with error out of memory"),
        RuntimeError(
            "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 79.1 GiB"
        ),
        RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"),
        RuntimeError("std::bad_alloc"),
    ],
)
def test_each_library_s_words_for_a_full_memory_are_known(error: Exception) -> None:
    assert is_out_of_memory(error)


def test_other_errors_are_not_taken_for_a_full_memory() -> None:
    assert not is_out_of_memory(RuntimeError("CUDA driver version is insufficient for CUDA runtime version"))
