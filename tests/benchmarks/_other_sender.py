"""A program that posts to DataZone at its own pace and knows nothing of others; prints how many posts were accepted."""

from __future__ import annotations

import sys
import time

from _servers import DOMAIN, client_of, event
from botocore.config import Config
from botocore.exceptions import ClientError

url, rate, seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
client = client_of(url, Config(retries={"total_max_attempts": 1}))
started = time.monotonic()
accepted = 0
for number in range(int(rate * seconds)):
    time.sleep(max(0.0, started + number / rate - time.monotonic()))
    try:
        client.post_lineage_event(domainIdentifier=DOMAIN, event=event().encode())
        accepted += 1
    except ClientError:
        pass
print(accepted)
