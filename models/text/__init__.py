"""Arabic text: its forms, its sentences and its language."""
