import type { Command } from 'commander';
import type { DigestSecrets } from '../audit/digest.ts';
import { type Verification, verifyAuditLog } from '../audit/verify.ts';
import { ConfigError } from '../config/config.ts';
import { readSettings } from '../config/read.ts';
import { asJson, type CommandContext, CommandError, counted } from '../lib/terminal.ts';
import { lateSentence, minuteOf } from './auditSentences.ts';
import { databaseSettings } from './databaseSettings.ts';
import { withMigratedDatabase } from './withDatabase.ts';

/** `audit`: checks the audit log. */
export function addAudit(program: Command, { env, terminal }: CommandContext): void {
  const group = program.command('audit').description('the audit log');
  group
    .command('verify')
    .summary('compare the audit log with its digests')
    .description(
      'Compares every row of the audit log with the digests of its closed days, and the digests with each other and with ' +
        'AUDIT_DIGEST_SECRET. It changes nothing; the exit status is 0 if they match.',
    )
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExample:\n  auto-ticketing audit verify')
    .action(async ({ json = false }: { json?: boolean }) => {
      const settings = databaseSettings(env);
      const secrets = digestSecrets(env);
      const found = await withMigratedDatabase(settings, terminal, (pool) =>
        verifyAuditLog(pool, { secrets, auditDays: settings.auditDays }),
      );
      if (json) terminal.out(asJson(found));
      else for (const line of linesOf(found, secrets.secret !== null)) terminal.out(line);
      if (found.faults.length > 0) throw new CommandError('The audit log does not match its digests.');
    });
}

function digestSecrets(env: NodeJS.ProcessEnv): DigestSecrets {
  const { values, errors } = readSettings(env);
  const own = errors.filter(({ variable }) => variable.startsWith('AUDIT_DIGEST_SECRET'));
  if (own.length > 0) throw new ConfigError(own.map(({ sentence }) => sentence));
  return values.auditDigests;
}

function linesOf(
  { days, sealedUntil, late, signedSince, sealedLate, gone, faults }: Verification,
  isSecretSet: boolean,
): string[] {
  const since = signedSince === null ? 'not signed' : `signed since ${minuteOf(signedSince)}`;
  const discrepancies = counted(faults.length, 'discrepancy', 'discrepancies');
  const signed = isSecretSet ? since : 'AUDIT_DIGEST_SECRET is not set';
  return [
    ...faults,
    ...gone.map((month) => `${month}: no row is left, although AUDIT_RETENTION_DAYS keeps them.`),
    ...sealedLate.map((days) => `${lateSentence(days)} See the lines "audit log sealed" of the log.`),
    ...(late ? ['Days that ended more than a day ago are not sealed.'] : []),
    sealedUntil === null
      ? 'No day is sealed.'
      : `${counted(days, 'day')} until ${sealedUntil}, ${signed}; ${discrepancies}.`,
  ];
}
