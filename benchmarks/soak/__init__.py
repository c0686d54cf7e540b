"""The soak: a whole service under a high, steady rate for minutes or hours, watched for what grows."""
