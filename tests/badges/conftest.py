import pytest

from ler_issuer.badges import Schemas
from ler_issuer.resources import load_closed_world
from ler_issuer.vc import Contexts


@pytest.fixture(scope="session")
def world():
    return load_closed_world()


@pytest.fixture(scope="session")
def schemas(world):
    return Schemas.compile(world.schemas)


@pytest.fixture(scope="session")
def contexts(world):
    return Contexts(world.contexts)
