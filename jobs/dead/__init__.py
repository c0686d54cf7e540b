"""The dead-letter list: jobs of which a step was given up, kept for the operator to work through."""
