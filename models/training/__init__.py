"""How the bundled Arabic→English model is made, from parallel text to int8 weights."""
