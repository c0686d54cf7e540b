"""The export: a Marian checkpoint as CTranslate2 weights, with a manifest that says what they are."""

import hashlib
import json
from pathlib import Path
from typing import Any

MANIFEST = "manifest.json"
_SPM_FILES = ("source.spm", "target.spm")
_EOS_PIECE, _UNK_PIECE = "</s>", "<unk>"


def export(checkpoint: Path, directory: Path, facts: dict[str, Any]) -> dict[str, Any]:
    """Write weights, vocabularies and manifest into `directory`; returns the manifest.

    `facts` are the manifest's fields that weights cannot tell: name, licence, draft, quantization,
    max_source_tokens, repetition_penalty, trained_on, and the languages where they are not Arabic and
    English. Scores that the directory has are dropped: they were another model's.
    """
    directory.mkdir(parents=True, exist_ok=True)
    _convert(checkpoint, directory, facts["quantization"])
    for name in _SPM_FILES:
        (directory / name).write_bytes((checkpoint / name).read_bytes())
    manifest = {
        "source_language": "ar",
        "target_language": "en",
        **facts,
        "family": "marian",
        "parameters": _parameters(checkpoint),
        "scores": {},
        "sha256": _hashes(directory),
    }
    write_manifest(directory, manifest)
    return manifest


def write_manifest(directory: Path, manifest: dict[str, Any]) -> None:
    text = json.dumps(manifest, indent=2, ensure_ascii=False)
    (directory / MANIFEST).write_text(text + "\n", "utf-8")


def read_manifest(directory: Path) -> dict[str, Any]:
    manifest: dict[str, Any] = json.loads((directory / MANIFEST).read_text("utf-8"))
    return manifest


def _convert(checkpoint: Path, directory: Path, quantization: str) -> None:
    from ctranslate2.converters.transformers import MarianMTLoader
    from transformers import MarianMTModel

    from models.training.network import VOCABULARY_FILES

    class Loader(MarianMTLoader):  # type: ignore[misc] # ctranslate2 carries no types
        """CTranslate2's loader gives both sides the source pieces; this one gives each its own."""

        def get_vocabulary(self, _model: Any, _tokenizer: Any) -> list[str]:
            return []  # one list for both sides: not used

        def set_vocabulary(self, spec: Any, _tokens: list[str]) -> None:
            source, target = (_pieces(checkpoint / name) for name in VOCABULARY_FILES.values())
            spec.register_source_vocabulary(source)
            spec.register_target_vocabulary(target)

        def set_config(self, config: Any, _model: Any, _tokenizer: Any) -> None:
            config.eos_token = config.decoder_start_token = _EOS_PIECE
            config.unk_token = _UNK_PIECE

    spec = Loader()(MarianMTModel.from_pretrained(checkpoint), None)
    spec.validate()
    spec.optimize(quantization=quantization)
    spec.save(str(directory))


def _pieces(path: Path) -> list[str]:
    """Without the pad piece: Marian decoders start from zero, and the loader drops its row."""
    ids: dict[str, int] = json.loads(path.read_text("utf-8"))
    return sorted(ids, key=ids.__getitem__)[:-1]


def _parameters(checkpoint: Path) -> int:
    from transformers import MarianMTModel

    model: Any = MarianMTModel.from_pretrained(checkpoint)
    learnt = (weight for name, weight in model.named_parameters() if "embed_positions" not in name)
    return sum(weight.numel() for weight in learnt)


def _hashes(directory: Path) -> dict[str, str]:
    files = sorted(path for path in directory.iterdir() if path.suffix in {".bin", ".spm", ".json"})
    return {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in files if path.name != MANIFEST
    }
