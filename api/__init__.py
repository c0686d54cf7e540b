"""The HTTP front end: it checks submissions, queues them and shows what became of them."""
