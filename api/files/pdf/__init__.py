"""PDF: text put together again from the places where its glyphs stand."""
