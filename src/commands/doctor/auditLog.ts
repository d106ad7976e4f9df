import type { Pool } from 'pg';
import { startAWorker } from '../../app/startAWorker.ts';
import { type AuditRights, auditRights } from '../../audit/rights.ts';
import { type Verification, verifyAuditLog } from '../../audit/verify.ts';
import type { Config } from '../../config/config.ts';
import { counted } from '../../lib/terminal.ts';
import { lateSentence, minuteOf } from '../auditSentences.ts';
import { type Finding, fail, ok, warn } from './finding.ts';

/** A check of the whole log may take long; "audit verify" does that. */
const COMPARED_DAYS = 7;
/** Somebody has looked into days that were sealed late by then. */
const LATELY_MS = 30 * 86_400_000;

/** Whether the role of the program could rewrite the audit log, and whether anybody did. */
export async function checkAuditLog(pool: Pool, config: Config, production: boolean): Promise<Finding[]> {
  const { auditDays } = config.retention;
  const { auditDigests: secrets } = config;
  const rights = await auditRights(pool);
  const verification = await verifyAuditLog(pool, { secrets, auditDays, newestDays: COMPARED_DAYS });
  return [
    rightsFinding(rights, production),
    ...retentionFinding(rights, auditDays),
    digestsFinding(verification, { isSecretSet: secrets.secret !== null, production }),
  ];
}

const RIGHTS = 'audit log rights';

function rightsFinding({ role, excess }: AuditRights, production: boolean): Finding {
  if (excess.length === 0) return ok(RIGHTS, `The role ${role} can add to the audit log, and cannot change it.`);
  const could = `The role ${role} could rewrite the audit log, because it ${excess.join(', ')}`;
  if (!production) return ok(RIGHTS, `${could}. That does not matter outside production.`);
  return warn(
    RIGHTS,
    `${could}: let another role own the tables, run "auto-ticketing migrate" with DATABASE_OWNER_URL, and take these rights from ${role}; ` +
      'see "Roles of the database" in docs/operating.md.',
  );
}

/** Only if the owner is another role does the stored value differ for long from that of the workers. */
function retentionFinding({ excess, keptDays }: AuditRights, auditDays: number): Finding[] {
  if (excess.length > 0 || auditDays === 0 || (keptDays > 0 && keptDays <= auditDays)) return [];
  const kept = keptDays === 0 ? 'for ever' : `for ${counted(keptDays, 'day')}`;
  return [
    warn(
      'audit log retention',
      `AUDIT_RETENTION_DAYS is ${auditDays}, and the owner of the tables keeps the audit log ${kept}: run "auto-ticketing migrate" with that setting.`,
    ),
  ];
}

const DIGESTS = 'audit log digests';

function digestsFinding(
  { days, sealedUntil, compared, late, signedSince, sealedLate, gone, faults }: Verification,
  { isSecretSet, production }: { isSecretSet: boolean; production: boolean },
): Finding {
  const [first] = faults;
  if (first !== undefined) {
    const more = faults.length > 1 ? ` There are ${faults.length - 1} more.` : '';
    return fail(
      DIGESTS,
      `The audit log does not match its digests. ${first}${more} See "auto-ticketing audit verify".`,
    );
  }
  if (gone.length > 0) {
    return warn(
      DIGESTS,
      `The audit log has no row of ${gone.join(', ')} any more, although AUDIT_RETENTION_DAYS keeps them: find out who deleted them (console.audit.month_deleted).`,
    );
  }
  if (late) {
    const since =
      sealedUntil === null ? 'No day of the audit log is sealed' : `The audit log is sealed until ${sealedUntil} only`;
    return warn(DIGESTS, `${since}: ${startAWorker(production)}, or see its log.`);
  }
  if (!isSecretSet && production) {
    return warn(
      DIGESTS,
      'The digests of the audit log are not signed, so the owner of the database could compute them anew: set AUDIT_DIGEST_SECRET for workers and for this command.',
    );
  }
  if (days === 0) return ok(DIGESTS, 'No day of the audit log has ended yet.');
  if (isSecretSet && signedSince === null) {
    return warn(
      DIGESTS,
      'The digests of the audit log are not signed yet: give all workers the same AUDIT_DIGEST_SECRET as this command.',
    );
  }
  const lately = sealedLate.find(({ at }) => at.getTime() > Date.now() - LATELY_MS);
  if (lately !== undefined) {
    return warn(DIGESTS, `${lateSentence(lately)} Compare them with the lines "audit log sealed" of the log.`);
  }
  const signed = signedSince === null ? '' : `, signed since ${minuteOf(signedSince)}`;
  return ok(DIGESTS, `Sealed until ${sealedUntil}${signed}; the rows of ${counted(compared, 'day')} are unchanged.`);
}
