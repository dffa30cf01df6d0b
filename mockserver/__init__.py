"""An offline mock server and contract-testing kit for asynchronous video-generation APIs."""

__version__ = "0.1.0"
