"""How Khulasa is put to work: on one machine, and beyond."""
