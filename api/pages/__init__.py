"""Pages for people: what this is, and the reference of the API, in HTML and CSS from this host alone."""
