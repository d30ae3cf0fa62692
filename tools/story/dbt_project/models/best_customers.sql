select customer, total from {{ source('raw', 'sales') }} where total > 5
