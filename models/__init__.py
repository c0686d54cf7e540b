"""Everything that reads or writes language: steps, engines and Arabic text."""
