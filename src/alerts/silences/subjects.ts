import { alertSql } from '../../actors/projections/alert.ts';
import { contextOf } from '../../actors/projections/projection.ts';

const CONTEXT = contextOf('a');

/** What a silence looks at, of the alert in row `a` of `actors`. */
export const SUBJECT_FIELDS = `${alertSql.text('alertKey', CONTEXT)} as "alertKey", ${alertSql.text('source', CONTEXT)} as source,
  ${alertSql.text('surfaceId', CONTEXT)} as "surfaceId", ${alertSql.json('labels', CONTEXT)} as labels`;
