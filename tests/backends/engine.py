"""What the container engine of this machine has, without asking it to fetch anything."""

from collections.abc import Sequence

import docker
from docker.errors import DockerException, ImageNotFound
from requests.exceptions import RequestException


def what_is_missing(images: Sequence[str]) -> str | None:
    """Why containers of `images` cannot be started at once, in words; None when they can.

    The engine is the one that DOCKER_HOST names, else the local socket. Nothing is pulled.
    """
    try:
        client = docker.from_env(timeout=5)
    except DockerException as error:
        return f"no container engine answers ({_first_line(error)})"
    try:
        client.ping()
        absent = [image for image in images if not _has(client, image)]
    except (DockerException, RequestException) as error:
        return f"no container engine answers ({_first_line(error)})"
    finally:
        client.close()
    return f"not at hand: {', '.join(absent)}" if absent else None


def has_image(image: str) -> bool:
    """Whether an engine answers and has `image`."""
    return what_is_missing([image]) is None


def _has(client: docker.DockerClient, image: str) -> bool:
    try:
        client.images.get(image)
    except ImageNotFound:
        return False
    return True


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]
