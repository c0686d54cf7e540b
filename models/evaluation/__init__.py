"""How good the engines' output is: translation scores and the checks on what must survive."""
