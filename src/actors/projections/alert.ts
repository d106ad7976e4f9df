/** Of an actor `a`, as the index has it: true before false. */
export const ACTIVE = "coalesce(a.snapshot->'context'->'active', 'false'::jsonb)";

/** Whether the alert `a` lasts. */
export const IS_ACTIVE = `${ACTIVE} = 'true'`;
