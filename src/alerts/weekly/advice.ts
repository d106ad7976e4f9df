import type { Advice, NoisySource, NoisySurface, WeekReport } from '../../model/weekly.ts';

/** What to fix first, by the figures of a week. Pure. */

type Figures = Omit<WeekReport, 'fix_first'>;

/** An alert a day is worth a look. */
const NOISY_SURFACE = 7;
const NOISY_SOURCE = 20;
const FEW_TICKETS = 0.1;
const SLOW_TICKET_SECONDS = 300;
const MAX_ADVICE = 5;

export function adviceOn(figures: Figures): Advice[] {
  return [
    ...flagOff(figures),
    ...unwatched(figures),
    ...figures.surfaces
      .filter(({ alerts }) => alerts >= NOISY_SURFACE)
      .slice(0, 2)
      .map(noisySurface),
    ...figures.sources.filter(isNoise).slice(0, 2).map(noisySource),
    ...slowTickets(figures),
    ...openTickets(figures),
  ].slice(0, MAX_ADVICE);
}

function flagOff({ held_back }: Figures): Advice[] {
  const held = held_back.find(({ reason }) => reason === 'flag_off');
  if (!held) return [];
  const why = `${counted(held.active + held.ended, 'alert')} got no ticket because the flag was off.`;
  return [{ what: 'Turn FLAG_CONSOLE_ALERTS_AUTO_TICKET on', why, href: '/console/flags' }];
}

function unwatched({ held_back }: Figures): Advice[] {
  const held = held_back.find(({ reason }) => reason === 'offline');
  if (!held) return [];
  const why = `${counted(held.active + held.ended, 'alert')} got no ticket because this console was offline.`;
  return [
    { what: 'Repair the connection of this console', why, href: '/console/audit?action=console.connection.lost' },
  ];
}

const noisySurface = ({ surface_id, name, alerts, tickets }: NoisySurface): Advice => ({
  what: `Find the cause of the alerts about ${name ?? surface_id}`,
  why: `It raised ${counted(alerts, 'alert')} and ${counted(tickets, 'ticket')}. If it recovers by itself, raise its failures_to_open.`,
  href: `/console/surfaces/${encodeURIComponent(surface_id)}`,
});

/** Many alerts, and hardly one that needed a ticket. */
const isNoise = ({ alerts, tickets }: NoisySource): boolean => alerts >= NOISY_SOURCE && tickets < alerts * FEW_TICKETS;

const noisySource = ({ source, alerts, tickets }: NoisySource): Advice => ({
  what: `Reduce the alerts of ${source}`,
  why: `Of ${counted(alerts, 'alert')}, ${tickets === 0 ? 'none' : tickets} had a ticket of its own.`,
  href: `/console/alerts?source=${encodeURIComponent(source)}`,
});

function slowTickets({ time_to_ticket: { p90_seconds } }: Figures): Advice[] {
  if (p90_seconds === null || p90_seconds < SLOW_TICKET_SECONDS) return [];
  const why = `One ticket in ten came ${Math.round(p90_seconds / 60)} minutes or more after its alert began.`;
  return [{ what: 'Find out why tickets come late', why, href: '/console/audit?action=console.alerts.ticket_skipped' }];
}

/** Of the present week it is too early to say. */
function openTickets({ next, tickets }: Figures): Advice[] {
  if (next === null || tickets.still_open === 0) return [];
  const why = `${counted(tickets.still_open, 'ticket')} of this week ${tickets.still_open === 1 ? 'is' : 'are'} still open.`;
  return [{ what: 'Close or work on the open tickets', why, href: '/console/status' }];
}

const counted = (count: number, noun: string): string => `${count} ${count === 1 ? noun : `${noun}s`}`;
