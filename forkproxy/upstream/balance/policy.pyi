class Policy:
    measures: bool
