"""What the tests of hostile files share."""

import tracemalloc

import pytest

from normlab import data


@pytest.fixture
def assert_refused(tmp_path):
    """Check that loading ends in one line with these words and in no new file."""

    def check(name, *words, data_dir=None):
        before = sorted(tmp_path.rglob("*"))
        tracemalloc.start()
        try:
            with pytest.raises(data.DataError) as caught:
                data.load(name, data_dir)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        message = str(caught.value)
        assert message.isprintable()
        assert len(message) < 600
        for word in words:
            assert word in message
        assert sorted(tmp_path.rglob("*")) == before
        return peak  # bytes

    return check
