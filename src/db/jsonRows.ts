/**
 * SQL for the rows in the parameter $1, an array of JSON objects, under the name `x`. The limit shows the planner how
 * many rows there are; without it, it assumes a hundred and scans whole tables to join one row.
 */
export const rowsFromJson = (columns: string): string =>
  `(select * from jsonb_to_recordset($1) as x(${columns}) limit jsonb_array_length($1)) x`;
