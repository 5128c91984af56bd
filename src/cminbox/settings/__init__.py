"""The configuration: read, checked, kept as a snapshot.

``load`` checks config.toml and the environment (pydantic, a quarter of a second); ``snapshot`` keeps what came of it,
so that the screen and most commands start without that. Importing this package imports none of it.
"""
