"""HAProxy's runtime lines: the other tongue."""
