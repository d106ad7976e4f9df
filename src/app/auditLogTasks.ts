import type { Pool } from 'pg';
import { dropOldAuditPartitions } from '../audit/oldPartitions.ts';
import { prepareAuditPartitions } from '../audit/retention.ts';
import { sealAuditLog } from '../audit/seal.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log/log.ts';
import type { Metrics } from './metrics.ts';

interface Deps {
  pool: Pool;
  config: Config;
  metrics: Metrics;
  log: Log;
}

/** Creates the next months of the audit log, seals its closed days, and deletes its old months. What fails is done an hour later. */
export async function keepAuditLog(deps: Deps, signal: AbortSignal): Promise<void> {
  await preparePartitions(deps);
  await sealClosedDays(deps, signal);
  await dropOldPartitions(deps);
}

/** Partitions are created months ahead: one that cannot be created while the log is read is created an hour later. */
async function preparePartitions({ pool, log }: Deps): Promise<void> {
  try {
    const missing = await prepareAuditPartitions(pool);
    if (missing > 0) log.warn({ missing }, 'audit partitions not created because the audit log is in use; will retry');
  } catch (error) {
    log.warn({ err: error }, 'audit partitions not created; will retry');
  }
}

/** Each digest is logged too, so that a copy of it is where the owner of the database cannot change it. */
async function sealClosedDays({ pool, config, log }: Deps, signal: AbortSignal): Promise<void> {
  try {
    for await (const { beginsSigning, ...days } of sealAuditLog(pool, { secrets: config.auditDigests, signal })) {
      log.info(days, 'audit log sealed');
      if (beginsSigning)
        log.warn({ from: days.from }, 'audit log digests are signed from now on; earlier ones are not');
    }
  } catch (error) {
    log.warn({ err: error }, 'audit log not sealed; will retry');
  }
}

/** A partition that cannot be dropped while the log is in use is dropped an hour later. */
async function dropOldPartitions({ pool, config, metrics, log }: Deps): Promise<void> {
  try {
    const partitions = await dropOldAuditPartitions(pool, config.retention.auditDays);
    if (partitions.length > 0) log.info({ partitions }, 'old months of the audit log deleted');
  } catch (error) {
    metrics.pruneFailures.inc({ table: 'audit_log' });
    log.warn({ err: error, table: 'audit_log' }, 'old rows could not be deleted; will retry');
  }
}
