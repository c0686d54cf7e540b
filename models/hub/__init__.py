"""The hub: models pulled from Hugging Face, converted, tried out, put in place, verified and removed."""
