"""The growth rule of the soak: what it calls growth, and what it calls noise."""

import random
from collections.abc import Callable

import pytest

from benchmarks.soak.growth import judge, smallest_leak

COUNT = 150


def series(value: Callable[[int], float]) -> list[float]:
    return [value(sample) for sample in range(COUNT)]


def noise(seed: int, spread: float) -> Callable[[int], float]:
    chance = random.Random(seed)
    return lambda _: chance.gauss(100, spread)


@pytest.mark.parametrize("seed", range(5))
def test_a_leak_is_growth_also_through_noise(seed: int) -> None:
    leak = noise(seed, 1.0)
    found = judge("RSS", series(lambda sample: leak(sample) + 10 * sample / COUNT))
    assert found.is_growth
    assert found.share == pytest.approx(0.08, abs=0.01)  # four fifths of the tenth that was leaked


def test_growth_in_one_step_is_growth() -> None:
    assert judge("RSS", series(lambda sample: 100 if sample < COUNT / 2 else 106)).is_growth


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("spread", [1, 10, 30])
def test_noise_is_no_growth(seed: int, spread: float) -> None:
    assert not judge("latency", series(noise(seed, spread))).is_growth


@pytest.mark.parametrize("period", [5, 12, 29])
def test_a_sawtooth_is_no_growth(period: int) -> None:
    assert not judge("RSS", series(lambda sample: 100 + 40 * (sample % period) / period)).is_growth


def test_a_sawtooth_that_climbs_by_more_than_its_height_is_growth() -> None:
    assert judge("RSS", series(lambda sample: 100 + 10 * (sample % 7) / 7 + 30 * sample / COUNT)).is_growth


def test_what_shrinks_and_what_peaks_now_and_then_is_no_growth() -> None:
    assert not judge("RSS", series(lambda sample: 200 - sample)).is_growth
    peaks = judge("RSS", series(lambda sample: 1_000 if sample % 10 == 9 else 100))
    assert (peaks.after, peaks.is_growth) == (100, False)


def test_growth_of_up_to_five_per_cent_is_let_through() -> None:
    assert not judge("RSS", series(lambda sample: 100 + 6 * sample / COUNT)).is_growth  # of which 4.8 is seen
    assert judge("RSS", series(lambda sample: 100 + 7 * sample / COUNT)).is_growth


def test_a_difference_that_nobody_would_mind_is_no_growth_whatever_its_share() -> None:
    crowded = series(float)
    assert judge("queue", crowded, least=119).is_growth
    assert not judge("queue", crowded, least=120).is_growth
    assert judge(
        "queue", series(lambda sample: 50.0 * (sample > COUNT / 2)), least=20
    ).is_growth  # from nothing


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="19 samples"):
        judge("RSS", [1.0] * 19)


def test_the_smallest_leak_that_it_sees_is_seen_and_a_smaller_one_is_not() -> None:
    jobs = 20_000
    each = smallest_leak(judge("RSS", [100.0] * COUNT), jobs)
    assert judge("RSS", series(lambda sample: 100 + 1.1 * each * jobs * sample / COUNT)).is_growth
    assert not judge("RSS", series(lambda sample: 100 + 0.9 * each * jobs * sample / COUNT)).is_growth
