"""LibreTranslate's routes, so that its clients work with this service unchanged: docs/libretranslate.md."""
