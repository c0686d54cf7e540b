"""Which model does a step: the one asked for, the setting's, the best installed, or the bundled one."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from jobs.errors import BrokenModel, NoModel, NoSummaryModel, NoTranslationModel, UnknownModel
from models.installed import BUNDLED_TRANSLATION, Model, installed, open_model

_ERRORS = {"translation": NoTranslationModel, "summary": NoSummaryModel}
_LANGUAGES = {"translation": ("ar", "en"), "summary": ("ar", "ar")}


class Selection:
    """The disk is asked each time, so that a model pulled or removed counts at once."""

    def __init__(
        self, step: Literal["translation", "summary"], models_dir: Path | None, setting: str | None
    ) -> None:
        self._step = step
        self._models_dir = models_dir
        self._setting = setting

    def available(self) -> list[Model]:
        """The whole models that do this step, the default first."""
        models: dict[str, Model] = {}
        for model in self._in_order():
            models.setdefault(model.name, model)
        return list(models.values())

    @property
    def is_set(self) -> bool:
        """The operator has named a model, which may yet be missing."""
        return self._setting is not None

    def default_name(self) -> str | None:
        """What runs where no model is asked for; None where there is none, or the setting's is missing."""
        try:
            return self._default().name
        except (NoModel, BrokenModel):
            return None

    def choose(self, name: str | None = None) -> Model:
        """Raises UnknownModel for a name that is not there, NoModel or BrokenModel for a default."""
        if name is None:
            return self._default()
        available = {model.name: model for model in self.available()}
        if name not in available:
            remedy = f"leave it out or name one of {', '.join(available)}" if available else "leave it out"
            raise UnknownModel([(f"/options/{self._step}/model", f"is not installed; {remedy}")])
        return available[name]

    def _default(self) -> Model:
        if self._setting:
            return self._of_setting(self._setting)
        for model in self._in_order():
            return model
        raise _ERRORS[self._step](f"pull one, or set KHULASA_{self._step.upper()}_MODEL to a model folder")

    def _in_order(self) -> Iterator[Model]:
        try:
            if self._setting:
                yield self._of_setting(self._setting)
        except (NoModel, BrokenModel):
            pass
        yield from sorted(self._installed(), key=lambda model: -(model.quality or 0.0))
        if self._step == "translation":
            try:
                yield open_model(BUNDLED_TRANSLATION)
            except (NoModel, BrokenModel):
                return

    def _of_setting(self, setting: str) -> Model:
        model = self._named(setting)
        if not self._does(model):
            told = f"a {model.step} model from {model.source_language} to {model.target_language}"
            raise BrokenModel(f"KHULASA_{self._step.upper()}_MODEL: {model.name} is {told}; name another")
        return model

    def _named(self, setting: str) -> Model:
        """A folder if it looks like one, else the name of an installed model."""
        variable = f"KHULASA_{self._step.upper()}_MODEL"
        if "/" not in setting:
            for model in installed(self._models_dir) if self._models_dir else ():
                if model.name == setting:
                    return model
            bundled = open_model(BUNDLED_TRANSLATION) if self._step == "translation" else None
            if bundled and bundled.name == setting:
                return bundled
        try:
            return open_model(Path(setting))
        except NoModel as error:
            raise _ERRORS[self._step](f"{variable}: {error.detail}") from error

    def _installed(self) -> list[Model]:
        models = installed(self._models_dir) if self._models_dir else ()
        return [model for model in models if self._does(model)]

    def _does(self, model: Model) -> bool:
        languages = (model.source_language, model.target_language)
        return model.step == self._step and languages == _LANGUAGES[self._step]
