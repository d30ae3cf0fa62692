"""An operator that stands for SQL in Amazon Redshift, and reports its lineage as operators of your own can."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.sdk import BaseOperator
else:
    try:
        from airflow.sdk import BaseOperator
    except ImportError:  # Airflow 2
        from airflow.models import BaseOperator

# As Airflow's own Redshift hook names a cluster: without the account, by which the catalog knows it. The forwarding DAG
# puts it there; see the setting `redshift`.
REDSHIFT = "redshift://analytics.us-east-1:5439"


class WarehouseOperator(BaseOperator):
    """Stands for an operator that runs SQL in Amazon Redshift, and reports its lineage.

    :param reads: what it reads, as pairs of OpenLineage namespace and name.
    :param table: the Redshift table that it writes, ``database.schema.table``.
    :param columns: each column of the table with the columns that it is made from, ``database.schema.table.column``.
    """

    def __init__(
        self, *, reads: list[tuple[str, str]], table: str, columns: dict[str, list[str]] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.reads = reads
        self.table = table
        self.columns = columns or {}

    def execute(self, context: Any) -> None:
        """Do nothing but say what would be done."""
        self.log.info("Would write %s.", self.table)

    def get_openlineage_facets_on_complete(self, task_instance: Any) -> Any:
        """Report inputs, outputs and columns; the OpenLineage provider asks for it when the task has succeeded."""
        from airflow.providers.openlineage.extractors import OperatorLineage
        from openlineage.client.event_v2 import Dataset
        from openlineage.client.facet_v2 import column_lineage_dataset, schema_dataset

        facets: dict[str, Any] = {}
        if self.columns:
            facets["schema"] = schema_dataset.SchemaDatasetFacet(
                fields=[schema_dataset.SchemaDatasetFacetFields(name=column) for column in self.columns]
            )
            facets["columnLineage"] = column_lineage_dataset.ColumnLineageDatasetFacet(
                fields={
                    column: column_lineage_dataset.Fields(inputFields=[_input_field(source) for source in sources])
                    for column, sources in self.columns.items()
                }
            )
        return OperatorLineage(
            inputs=[Dataset(namespace, name) for namespace, name in self.reads],
            outputs=[Dataset(REDSHIFT, self.table, facets=facets)],
        )


def _input_field(column: str) -> Any:
    from openlineage.client.facet_v2 import column_lineage_dataset

    table, _, name = column.rpartition(".")
    return column_lineage_dataset.InputField(namespace=REDSHIFT, name=table, field=name)
