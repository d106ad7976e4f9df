/**
 * Rows that come as the parameter $1, an array of JSON objects, under the name `x`: as many as there are in it. Without
 * that limit the planner expects a hundred, and reads a whole table to find one row in it.
 */
export const rowsFromJson = (columns: string): string =>
  `(select * from jsonb_to_recordset($1) as x(${columns}) limit jsonb_array_length($1)) x`;
