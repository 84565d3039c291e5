"""An S3 store on this machine (moto), which speaks HTTP as others do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

KEYS = {
    "AWS_ACCESS_KEY_ID": "of-the-tests",
    "AWS_SECRET_ACCESS_KEY": "of-the-tests",
    "AWS_DEFAULT_REGION": "eu-west-2",
    "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
}


@dataclass
class S3Store:
    """A running store. endpoint: its address."""

    endpoint: str
    environment: dict[str, str]

    def new_bucket(self, name: str) -> str:
        """Create a bucket; returns an address in it."""
        from waymark.documents.files.s3 import S3Originals

        address = f"s3://{name}/originals"
        where = {"LocationConstraint": KEYS["AWS_DEFAULT_REGION"]}
        S3Originals(address).call("create_bucket", CreateBucketConfiguration=where)
        return address


def forget_clients() -> None:
    """Let the next request read the environment again: a process has one client for its life."""
    from s3fs import S3FileSystem

    S3FileSystem.clear_instance_cache()


@contextmanager
def running_store() -> Iterator[S3Store]:
    """A store for a block, whose address and keys are in the environment."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    with pytest.MonkeyPatch.context() as patch:
        host, port = server.get_host_and_port()
        environment = {**KEYS, "AWS_ENDPOINT_URL_S3": f"http://{host}:{port}"}
        for name, value in environment.items():
            patch.setenv(name, value)
        forget_clients()
        try:
            yield S3Store(environment["AWS_ENDPOINT_URL_S3"], environment)
        finally:
            forget_clients()
            server.stop()
