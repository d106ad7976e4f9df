interface Page<Row> {
  rows: Row[];
  next_cursor: string | null;
}

/** The rows of all pages. */
export async function allRows<Row>(
  readPage: (page: { limit: number; cursor: string | undefined }) => Promise<Page<Row>>,
): Promise<Row[]> {
  const rows: Row[] = [];
  let cursor: string | undefined;
  do {
    const page = await readPage({ limit: 200, cursor });
    rows.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
  return rows;
}
