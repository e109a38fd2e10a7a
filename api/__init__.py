"""The FastAPI application and the `bma` command: what composes the engine, the actions and the channels."""

from importlib.metadata import version

VERSION = version("bma-assistant")
