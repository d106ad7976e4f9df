import { expect, it } from 'vitest';
import { errors, recordLines, warnings } from '../../../src/sandbox/drill/logLines.ts';

it('a recorded log separates the warnings that the runbook greps for from errors', () => {
  const { lines, log } = recordLines();
  log.warn({ http_status: 503 }, 'freescout degraded: ticket create failed, HTTPError 503');
  log.warn('database connection lost');
  log.info({ ticket_id: 1 }, 'ticket_filed');
  log.error('ticket create failed');
  expect(warnings(lines).map(({ msg }) => msg)).toEqual(['freescout degraded: ticket create failed, HTTPError 503']);
  expect(errors(lines)).toEqual(['ticket create failed']);
});
