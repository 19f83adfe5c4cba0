"""The bucket: asked with the user's keys before anything runs, and given what is missing in it."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from workflow.digests import ROOT
from workflow.errors import InputError

PACKAGES = ROOT / ".venv" / "cluster" / "storage"
KEYS = ("SNAKEMAKE_STORAGE_S3_ACCESS_KEY", "SNAKEMAKE_STORAGE_S3_SECRET_KEY")
ADVICE = f"check {' and '.join(KEYS)}, their rights, the endpoint and the bucket"


class Bucket:
    """A bucket and a prefix in it; `client` is boto3's."""

    def __init__(self, name: str, prefix: str, endpoint: str | None, client: Any) -> None:
        self.name, self.prefix, self.endpoint, self.client = name, prefix.strip("/"), endpoint, client

    @property
    def url(self) -> str:
        """The prefix as the storage plugin names it."""
        return f"s3://{self.name}/{self.prefix}" if self.prefix else f"s3://{self.name}"

    def key(self, name: str) -> str:
        """Return the whole key of a name below the prefix."""
        return f"{self.prefix}/{name}" if self.prefix else name

    @contextlib.contextmanager
    def told(self) -> Iterator[None]:
        """Tell in one sentence what the storage refuses.

        Raises:
            InputError: as said; keys may allow one thing and not another.
        """
        try:
            yield
        except OSError as error:
            raise InputError(f"{error.filename or self.url}: {error.strerror or error}") from None
        except Exception as error:  # botocore makes its classes as it runs
            raise InputError(_in_words(error, self.name, self.endpoint), remedy=ADVICE) from None

    def sizes(self, below: str = "") -> dict[str, int]:
        """Return the sizes of the objects below the prefix, by key relative to it."""
        cut = len(self.prefix) + 1 if self.prefix else 0
        with self.told():
            pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=self.key(below))
            return {one["Key"][cut:]: one["Size"] for page in pages for one in page.get("Contents", ())}

    def read(self, key: str) -> str:
        """Return an object as text."""
        with self.told():
            return str(self.client.get_object(Bucket=self.name, Key=self.key(key))["Body"].read().decode())

    def write(self, key: str, text: str) -> None:
        """Store a text."""
        with self.told():
            self.client.put_object(Bucket=self.name, Key=self.key(key), Body=text.encode())

    def fetch(self, key: str, file: Path) -> None:
        """Write an object into a file."""
        file.parent.mkdir(parents=True, exist_ok=True)
        with self.told():
            self.client.download_file(self.name, self.key(key), str(file))

    def upload(self, files: Mapping[str, Path], there: Mapping[str, int]) -> int:
        """Store files that are not there, or not of the same size; return how many."""
        missing = {key: file for key, file in files.items() if there.get(key) != file.stat().st_size}
        for key, file in missing.items():
            with self.told():
                self.client.upload_file(str(file), self.name, self.key(key))
        return len(missing)


def open_bucket(url: str, endpoint: str | None, make: Callable[..., Any] | None = None) -> Bucket:
    """Return a bucket that can be listed with the keys of the environment.

    Raises:
        InputError: the address is none, boto3 is not installed, no keys are given, they are wrong, or there is no such bucket.
    """
    name, _, prefix = url.removeprefix("s3://").partition("/")
    if not url.startswith("s3://") or not name:
        raise InputError(f"`--storage {url}` is no bucket", remedy="write s3://BUCKET/PREFIX")
    if missing := [key for key in KEYS if not os.environ.get(key)]:
        raise InputError(
            f"the storage's keys are missing: {' and '.join(missing)}", remedy="set them in the environment, never in a file of the run"
        )
    client = (make or _client)(endpoint)
    try:
        client.list_objects_v2(Bucket=name, MaxKeys=1)
    except Exception as error:  # botocore makes its classes as it runs
        raise InputError(_in_words(error, name, endpoint), remedy=ADVICE) from None
    return Bucket(name, prefix, endpoint, client)


def _client(endpoint: str | None) -> Any:
    if str(PACKAGES) not in sys.path:
        sys.path.append(str(PACKAGES))
    try:
        import boto3
        import botocore.config
    except ImportError:
        raise InputError("the packages for object storage are not here", remedy="run `make cluster-env`") from None
    options = botocore.config.Config(retries={"max_attempts": 3}, connect_timeout=10)
    keys = dict(zip(("aws_access_key_id", "aws_secret_access_key"), (os.environ[key] for key in KEYS), strict=True))
    return boto3.client(
        "s3", endpoint_url=endpoint, config=options, region_name=os.environ.get("SNAKEMAKE_STORAGE_S3_REGION", "us-east-1"), **keys
    )


def _in_words(error: Exception, name: str, endpoint: str | None) -> str:
    """Return what the storage has against a request; never a key."""
    code = str(getattr(error, "response", {}).get("Error", {}).get("Code", ""))
    where = endpoint or "Amazon S3"
    if code in {"InvalidAccessKeyId", "SignatureDoesNotMatch", "AccessDenied", "403", "AuthFailure", "InvalidClientTokenId"}:
        return f"the storage at {where} refuses these keys for the bucket {name} ({code})"
    if code in {"NoSuchBucket", "404"}:
        return f"there is no bucket {name} at {where}"
    return f"the storage at {where} does not answer as one ({type(error).__name__}{f' {code}' if code else ''})"
