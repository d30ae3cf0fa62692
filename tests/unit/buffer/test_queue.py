from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_dzlineage.buffer.codec import entry_bytes
from airflow_provider_dzlineage.buffer.queue import MAX_BATCH_BYTES, MAX_BATCH_ENTRIES, pack


@given(st.lists(st.integers(1, MAX_BATCH_BYTES), max_size=60))
def test_batches_keep_order_and_limits_and_none_is_needless(sizes):
    entries = [{"MessageBody": "x" * size} for size in sizes]

    batches = list(pack(entries))

    assert [entry for batch in batches for entry in batch] == entries
    for batch in batches:
        assert 1 <= len(batch) <= MAX_BATCH_ENTRIES
        assert sum(map(entry_bytes, batch)) <= MAX_BATCH_BYTES
    for batch, following in pairwise(batches):
        full = len(batch) == MAX_BATCH_ENTRIES
        assert full or sum(map(entry_bytes, [*batch, following[0]])) > MAX_BATCH_BYTES
