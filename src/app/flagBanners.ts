import type { Severity } from '../../machines/shared/protocol.ts';
import type { FlagName } from '../config/config.ts';
import type { Banner, FlagState } from '../model/operations.ts';

/** Warnings about flags that are off, on the pages that work differently because of them. */

const FLAGS_PAGE = { href: '/console/flags', label: 'Flags' };

export function flagBanners(flags: readonly FlagState[], held: Partial<Record<Severity, number>>): Banner[] {
  return flags
    .filter(({ enabled }) => !enabled)
    .map((flag) => ({
      ...MEANING[flag.name as FlagName](offSince(flag), held),
      advice: flag.forced_off
        ? 'Remove the variable from every process and restart it.'
        : ADVICE[flag.name as FlagName],
      link: FLAGS_PAGE,
    }));
}

type Meaning = (since: string, held: Partial<Record<Severity, number>>) => Pick<Banner, 'text' | 'sections'>;

const MEANING: Record<FlagName, Meaning> = {
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: (since, held) => ({
    text: `Tickets for alerts are off ${since}: ${heldText(held)}.`,
    sections: ['status', 'alerts'],
  }),
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: (since) => ({
    text: `Investigate is off ${since}: no ticket can be filed from the status page.`,
    sections: ['status'],
  }),
};

const ADVICE: Record<FlagName, string> = {
  FLAG_CONSOLE_ALERTS_AUTO_TICKET: 'An admin can turn them on. Alerts that are still active then get their tickets.',
  FLAG_CONSOLE_INVESTIGATE_FROM_STATUS: 'An admin can turn it on.',
};

function offSince({ name, forced_off, changed_at, changed_by }: FlagState): string {
  if (forced_off) return `because the environment variable ${name} is 0`;
  if (changed_at === null) return 'by default';
  return `since ${changed_at.slice(0, 16).replace('T', ' ')} UTC, by ${changed_by ?? 'unknown'}`;
}

function heldText(held: Partial<Record<Severity, number>>): string {
  const counts = Object.entries(held).filter(([, n]) => n > 0);
  if (counts.length === 0) return 'no active alert waits for one';
  const total = counts.reduce((sum, [, n]) => sum + n, 0);
  const list = counts.map(([severity, n]) => `${n} ${severity}`).join(' and ');
  return `${list} ${total === 1 ? 'alert has' : 'alerts have'} no ticket`;
}
