"""NGINX Plus' REST API, versions 1 to 9: one of the two tongues, and what `api` answers."""
