from airflow_provider_dzlineage.lineage.statements import statements_of

SCHEMA = {"fields": [{"name": "a"}]}


def test_what_an_event_says_of_its_job_and_of_its_datasets(make_event):
    event = make_event(
        "load",
        inputs=[{"namespace": "s3://lake", "name": "x", "facets": {"schema": SCHEMA}}],
        outputs=[{"namespace": "s3://lake", "name": "y", "outputFacets": {"outputStatistics": {"rowCount": 1}}}],
    )
    event["job"]["facets"] = {"sql": {"query": "SELECT 1"}}
    event["run"]["facets"] = {"nominalTime": {}}

    said = [statement.subject for statement in statements_of(event)]

    assert said == [
        ("job", "tests", "load", "sql"),
        ("dataset", "s3://lake", "x", "schema"),
        ("dataset", "s3://lake", "y", "outputStatistics"),
    ]


def test_equal_facets_have_equal_contents(make_event):
    def content(facet):
        dataset = {"namespace": "s3://lake", "name": "x", "facets": {"schema": facet}}
        (statement,) = statements_of(make_event(inputs=[dataset], outputs=[]))
        return statement.content

    assert content(SCHEMA) == content({"fields": [{"name": "a"}]})
    assert content(SCHEMA) != content({"fields": [{"name": "b"}]})
