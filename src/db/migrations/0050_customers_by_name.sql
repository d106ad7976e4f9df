-- The list of customers, by name.
create index customers_by_name on customers (lower(name), id);
