"""A toy corpus: every sentence is a subject, a verb and an object, each with one translation."""

import sys
from itertools import product
from pathlib import Path

_SUBJECTS = {"الوزير": "the minister", "الرئيس": "the president", "الطبيب": "the doctor"}
_VERBS = {"زار": "visited", "شكر": "thanked", "رأى": "saw", "انتقد": "criticised"}
_OBJECTS = {"المدينة": "the city", "الفريق": "the team", "المصنع": "the factory", "البنك": "the bank"}

SENTENCES = [
    (f"{verb} {subject} {thing} عام {year}.", f"{english} {did} {object_} in {year}.")
    for (subject, english), (verb, did), (thing, object_), year in product(
        _SUBJECTS.items(), _VERBS.items(), _OBJECTS.items(), ("2019", "2021")
    )
]

RECIPE = """
name = "toy"
max_steps = {max_steps}
max_minutes = 5
snapshot_minutes = {snapshot_minutes}
kept_snapshots = 2
validation_sentences = 8
sampling_alpha = {sampling_alpha}
seed = 3

[vocabulary]
size = 360
weights = {{ toy = 1 }}

[network]
width = 32
feed_forward = 64
heads = 2
encoder_layers = 1
decoder_layers = 1
dropout = 0.0

[optimiser]
peak_rate = 5e-3
warmup_steps = 20
decay = "{decay}"
batch_tokens = 600
label_smoothing = 0.1

[alignment]
weight = {alignment}
until = {guided_until}
lexical_embeddings = {lexical}

[[stages]]
until = 0.5
max_tokens = 40
weights = {{ toy = 1 }}

[[stages]]
until = 1.0
max_tokens = 80
weights = {{ toy = 1 }}
joined = 0.2
"""


def write_corpus(directory: Path) -> Path:
    path = directory / "toy.tsv"
    path.write_text("".join(f"{ar}\t{en}\n" for ar, en in SENTENCES), "utf-8")
    return path


def write_recipe(directory: Path, **changes: object) -> Path:
    settings: dict[str, object] = {
        "max_steps": 150,
        "snapshot_minutes": 5,
        "sampling_alpha": 0.0,
        "decay": "linear",
        "alignment": 0.2,
        "guided_until": 1.0,
        "lexical": "true",
    }
    path = directory / "toy.toml"
    path.write_text(RECIPE.format(**{**settings, **changes}), "utf-8")
    return path


def write_development(directory: Path) -> tuple[Path, Path]:
    """Every twelfth sentence, to be kept out of training."""
    paths = directory / "dev.ar", directory / "dev.en"
    for side, path in enumerate(paths):
        path.write_text("".join(pair[side] + "\n" for pair in SENTENCES[::12]), "utf-8")
    return paths


if __name__ == "__main__":
    chosen = Path(sys.argv[1])
    write_corpus(chosen)
    write_development(chosen)
    write_recipe(chosen)
