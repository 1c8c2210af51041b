import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from daemon import Daemon  # noqa: E402


@pytest.fixture
def daemon():
    with Daemon() as running:
        yield running
