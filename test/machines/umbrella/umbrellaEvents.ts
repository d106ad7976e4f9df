import { umbrellaMachine } from '../../../machines/umbrella/machine.ts';
import type { UmbrellaContext } from '../../../machines/umbrella/types.ts';
import { type ActorInput, done, play, seconds, wait } from '../support/driver.ts';
import { filed } from '../support/events.ts';

/** The umbrella of these tests: its events, and what happened to it before a test. */

export const umbrella = () => play<UmbrellaContext>(umbrellaMachine, 'umbrella:s');
export const member = (name: string) => ({ alertKey: `s:${name}`, severity: 'P1' as const, title: `${name} is down` });
export const join = (...namesOf: string[]): ActorInput[] =>
  namesOf.map((name) => ({ type: 'TICKET_MEMBER', member: member(name) }) as ActorInput);
export const leave = (name: string): ActorInput => ({ type: 'TICKET_LEFT', alertKey: `s:${name}` }) as ActorInput;
export const worse = (name: string): ActorInput => ({ type: 'TICKET_WORSE', member: member(name) }) as ActorInput;
export const queueAlerts = (...names: string[]): ActorInput[] =>
  names.map((name) => ({ type: 'DM_MEMBER', member: member(name) }) as ActorInput);
export const [a, b, c] = [...join('a', 'b', 'c')] as [ActorInput, ActorInput, ActorInput];
export const noteWritten = done('list', { outcome: 'done' });
export const lastNoteWritten = done('end', { outcome: 'done' });
export const noteDropped = done('list', { outcome: 'dropped', reason: 'ticket is closed' });
export const sent = done('dm', { outcome: 'sent' });
export const turn = (probe: boolean): ActorInput => ({ type: 'TRY', probe }) as ActorInput;
export const lastTurn = { type: 'TRY', probe: false, last: true } as ActorInput;
export const pause = wait(seconds(30));
export const standing = [a, filed(412)];
export const listing = [...standing, b, pause];
export const many = (count: number): string[] => Array.from({ length: count }, (_, n) => `many-${n}`);
export const names = (members: { alertKey: string }[]): string[] => members.map(({ alertKey }) => alertKey.slice(2));

export const untagged = filed(412, { tagged: false });
