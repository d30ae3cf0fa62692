"""The look-up against a server that speaks the two protocols of Amazon Redshift, with the SDK's own clients."""

import json
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

import boto3
import pytest

from airflow_provider_dzlineage.errors import LookupFailedError
from airflow_provider_dzlineage.lineage.rules.redshift_lookup import LOOKUP_CONFIG, RedshiftLookup
from airflow_provider_dzlineage.lineage.transforms.redshift import KnownWarehouses, Warehouse, redshift
from tests.fixtures.waiting import POLL_SECONDS

CLUSTER = Warehouse("provisioned", "analytics", "111111111111", "eu-west-1")
WORKGROUP = Warehouse("serverless", "adhoc", "222222222222", "eu-west-1")


class Redshift:
    """Knows one cluster and one workgroup, and fails on demand."""

    def __init__(self):
        self.asked = Counter()
        self.fails = {}
        self.may_answer = threading.Event()
        self.may_answer.set()
        self.address = ""
        self.arn = f"arn:aws:redshift:{CLUSTER.region}:{CLUSTER.account}:namespace:1b2c"

    def answer(self, action, name):
        """Return status, content type and body."""
        self.asked[action, name] += 1
        self.may_answer.wait(20)
        is_xml = action == "DescribeClusters"
        if action in self.fails:
            return self.error(is_xml, *self.fails[action])
        if is_xml and name == CLUSTER.name:
            names = f"<ClusterIdentifier>{name}</ClusterIdentifier>"
            names += f"<ClusterNamespaceArn>{self.arn}</ClusterNamespaceArn>"
            if self.address:
                names += f"<Endpoint><Address>{self.address}</Address></Endpoint>"
            result = f"<DescribeClustersResult><Clusters><Cluster>{names}</Cluster></Clusters></DescribeClustersResult>"
            return 200, f"<DescribeClustersResponse>{result}</DescribeClustersResponse>"
        if not is_xml and name == WORKGROUP.name:
            arn = f"arn:aws:redshift-serverless:{WORKGROUP.region}:{WORKGROUP.account}:workgroup/1b2c"
            return 200, json.dumps({"workgroup": {"workgroupName": name, "workgroupArn": arn}})
        if is_xml:
            return self.error(is_xml, 404, "ClusterNotFound")
        return self.error(is_xml, 400, "ResourceNotFoundException")

    def error(self, is_xml, status, code):
        if is_xml:
            return status, f"<ErrorResponse><Error><Code>{code}</Code><Message>m</Message></Error></ErrorResponse>"
        return status, json.dumps({"__type": code, "message": "m"})


@pytest.fixture
def aws():
    redshift = Redshift()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            if target := self.headers.get("X-Amz-Target"):
                action, name = target.rpartition(".")[2], json.loads(body)["workgroupName"]
            else:
                fields = parse_qs(body)
                action, name = fields["Action"][0], fields["ClusterIdentifier"][0]
            status, text = redshift.answer(action, name)
            self.send_response(status)
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), daemon=True).start()
    redshift.url = f"http://127.0.0.1:{server.server_port}"
    yield redshift
    server.shutdown()
    server.server_close()


@pytest.fixture
def lookup(aws):
    def client_for(service, region):
        return boto3.client(service, region_name=region, endpoint_url=aws.url, config=LOOKUP_CONFIG)

    return lambda: RedshiftLookup(client_for)


def test_a_cluster_is_found_by_its_name_and_region(lookup, aws):
    assert lookup().find("analytics.eu-west-1", "analytics", "eu-west-1") == CLUSTER
    assert aws.asked == {("DescribeClusters", "analytics"): 1}


def test_what_is_no_cluster_may_be_a_workgroup(lookup, aws):
    assert lookup().find("adhoc.eu-west-1", "adhoc", "eu-west-1") == WORKGROUP


def test_what_is_neither_is_asked_once(lookup, aws):
    finder = lookup()

    assert [finder.find("gone.eu-west-1", "gone", "eu-west-1") for _ in range(3)] == [None] * 3
    assert aws.asked == {("DescribeClusters", "gone"): 1, ("GetWorkgroup", "gone"): 1}


def test_many_threads_ask_once(lookup, aws):
    finder, found = lookup(), []
    aws.may_answer.clear()
    threads = [
        threading.Thread(target=lambda: found.append(finder.find("analytics.eu-west-1", "analytics", "eu-west-1")))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    aws.may_answer.set()
    for thread in threads:
        thread.join()

    assert found == [CLUSTER] * 20
    assert aws.asked.total() == 1


@pytest.mark.parametrize(
    ("action", "permission"),
    [("DescribeClusters", "redshift:DescribeClusters"), ("GetWorkgroup", "redshift-serverless:GetWorkgroup")],
)
def test_a_denied_look_up_names_the_permission_and_guesses_nothing(lookup, aws, action, permission):
    aws.fails[action] = (403, "AccessDenied" if action == "DescribeClusters" else "AccessDeniedException")

    with pytest.raises(LookupFailedError, match=f"allow the action {permission} on .*, or .*'redshift'") as caught:
        lookup().find("adhoc.eu-west-1", "adhoc", "eu-west-1")

    assert caught.value.reason == "redshift_lookup_denied"


@pytest.mark.parametrize(
    ("code", "what_to_do"),
    [("ExpiredToken", "renew the AWS credentials"), ("Throttling", "it is looked up again later")],
)
def test_what_is_no_matter_of_permissions_says_what_to_do(lookup, aws, code, what_to_do):
    aws.fails["DescribeClusters"] = (400, code)

    with pytest.raises(LookupFailedError, match=f"{code} -- To fix: .*{what_to_do}.*, or ") as caught:
        lookup().find("adhoc.eu-west-1", "adhoc", "eu-west-1")

    assert caught.value.reason == "redshift_lookup_failed"


def test_a_throttled_look_up_fails_and_is_asked_again_after_a_while(lookup, aws, monkeypatch):
    aws.fails["DescribeClusters"] = (400, "Throttling")
    finder = lookup()

    for _ in range(2):
        with pytest.raises(LookupFailedError, match="Throttling") as caught:
            finder.find("analytics.eu-west-1", "analytics", "eu-west-1")
    assert caught.value.reason == "redshift_lookup_failed"
    asked = aws.asked.total()

    aws.fails.clear()
    now = time.monotonic
    monkeypatch.setattr(time, "monotonic", lambda: now() + 61)
    assert finder.find("analytics.eu-west-1", "analytics", "eu-west-1") == CLUSTER
    assert asked == 3
    assert aws.asked.total() == 4


def test_an_answer_that_is_none_fails_and_guesses_nothing(lookup, aws):
    aws.fails["DescribeClusters"] = (200, "no XML")
    aws.error = lambda is_xml, status, code: (status, code)

    with pytest.raises(LookupFailedError, match="DescribeClusters in eu-west-1 failed: "):
        lookup().find("analytics.eu-west-1", "analytics", "eu-west-1")


def test_an_endpoint_that_does_not_answer_fails():
    def client_for(service, region):
        return boto3.client(service, region_name=region, endpoint_url="http://127.0.0.1:1", config=LOOKUP_CONFIG)

    with pytest.raises(LookupFailedError, match="DescribeClusters in eu-west-1 failed: "):
        RedshiftLookup(client_for).find("analytics.eu-west-1", "analytics", "eu-west-1")


HASHED = "{}.cabc123xyz789.eu-west-1.redshift.amazonaws.com"
WHOLE_SERVERLESS = "{}.cabc123xyz789.eu-west-1.redshift-serverless.amazonaws.com"


def test_a_whole_host_is_asked_of_one_service_only(lookup, aws):
    assert lookup().find(HASHED.format("adhoc"), "adhoc", "eu-west-1") is None
    assert lookup().find(WHOLE_SERVERLESS.format("analytics"), "analytics", "eu-west-1") is None
    assert aws.asked == {("DescribeClusters", "adhoc"): 1, ("GetWorkgroup", "analytics"): 1}


def test_a_cluster_of_this_name_in_another_account_is_another_one(lookup, aws):
    aws.address = HASHED.format("analytics")
    other = aws.address.replace("cabc", "cxyz")

    assert lookup().find(aws.address, "analytics", "eu-west-1") == CLUSTER
    assert lookup().find(other, "analytics", "eu-west-1") is None
    assert lookup().find("analytics.eu-west-1", "analytics", "eu-west-1") == CLUSTER


def test_an_answer_without_an_arn_fails(lookup, aws, monkeypatch):
    monkeypatch.setattr(aws, "arn", "analytics")

    with pytest.raises(LookupFailedError, match="the response has no ARN"):
        lookup().find("analytics.eu-west-1", "analytics", "eu-west-1")


def test_a_name_that_no_workgroup_can_have_is_none(lookup, aws):
    assert lookup().find("dw.eu-west-1", "dw", "eu-west-1") is None


def test_a_host_that_tells_nothing_stays(lookup, aws):
    assert lookup().find("warehouse.example.com", None, None) is None
    assert not aws.asked


def test_what_the_setting_names_is_not_looked_up(lookup, aws, make_event):
    known = KnownWarehouses({"analytics": {"account": CLUSTER.account, "kind": "provisioned"}})
    event = make_event(inputs=[{"namespace": "redshift://analytics.eu-west-1:5439", "name": "d.s.t"}])

    renamed = redshift(known.find, lookup().find)(event)

    assert renamed["inputs"][0]["namespace"] == CLUSTER.namespace()
    assert not aws.asked
