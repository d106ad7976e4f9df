import { minutes, wait } from '../../support/driver.ts';
import { checked } from '../../support/events.ts';
import { type Row, row } from '../../support/transitionTable.ts';
import { removed } from '../surfaceEvents.ts';

/** Surfaces that ask to come back later. */

const grace = { overloadGraceMs: minutes(10) };
const overloaded = checked('slow', { ...grace, overloaded: true });
const overloadedFor = (graceMinutes: number) =>
  checked('slow', { overloadGraceMs: minutes(graceMinutes), overloaded: true });
const calm = checked('up', grace);

export const rows: Row[] = [
  row(
    'a check that is answered with Retry-After is remembered',
    [calm],
    overloaded,
    'health.suspect overload.overloaded',
  ),
  row(
    'a surface that asks to come back later is degraded first',
    [calm, overloaded],
    overloaded,
    'health.outage.degraded overload.overloaded',
    'emitAlert firing P3',
  ),
  row(
    'a surface that has asked to come back later for long is overloaded for too long',
    [calm, overloaded, overloaded, wait(minutes(10) - 1)],
    wait(1),
    'health.outage.degraded overload.tooLong',
  ),
  row(
    'further checks that are answered with Retry-After then count as failed',
    [calm, overloaded, overloaded, wait(minutes(10)), overloaded],
    overloaded,
    'health.outage.down overload.tooLong',
    'emitAlert firing P1',
  ),
  row(
    'a shorter time of grace counts from the beginning of the overload',
    [calm, overloaded, overloaded, wait(minutes(5)), overloadedFor(6), wait(minutes(1) - 1)],
    wait(1),
    'overload.tooLong',
  ),
  row(
    'a time of grace that is over once it is shortened ends at once',
    [calm, overloaded, overloaded, wait(minutes(5)), overloadedFor(4)],
    wait(1),
    'overload.tooLong',
  ),
  row(
    'a longer time of grace counts from the beginning of the overload',
    [calm, overloaded, overloaded, wait(minutes(5)), overloadedFor(20), wait(minutes(15) - 1)],
    wait(1),
    'overload.tooLong',
  ),
  row(
    'an overload that lasted too long is in its time of grace again once that is longer',
    [calm, overloaded, overloaded, wait(minutes(10)), overloadedFor(20)],
    wait(minutes(10) - 1),
    'overload.overloaded',
  ),
  row(
    'more answers without Retry-After than with it end the overload',
    [calm, overloaded, calm],
    calm,
    'health.operational overload.none',
  ),
  row(
    'one good answer within the time of grace does not begin it anew',
    [calm, overloaded, overloaded, wait(minutes(9)), calm, overloaded, wait(minutes(1) - 1)],
    wait(1),
    'overload.tooLong',
  ),
  row(
    'a surface that asks to come back later in half of its checks does so for too long in the end',
    [calm, overloaded, calm, overloaded, calm, wait(minutes(10) - 1)],
    wait(1),
    'overload.tooLong',
  ),
  row(
    'a check without any answer does not end the overload',
    [calm, overloaded, checked('down', grace), checked('down', grace)],
    checked('down', grace),
    'health.outage.down overload.overloaded',
    'emitAlert firing P1',
  ),
  row(
    'one good answer does not end a long overload',
    [calm, overloaded, overloaded, wait(minutes(10)), overloaded],
    calm,
    'overload.tooLong',
  ),
  row(
    'six good answers in a row end an overload, however long it was',
    [calm, ...Array(20).fill(overloaded), wait(minutes(10)), overloaded, ...Array(5).fill(calm)],
    calm,
    'health.operational overload.none',
  ),
  row(
    'a surface taken out of the file is not overloaded any more',
    [calm, overloaded],
    removed,
    'health.unknown overload.none',
  ),
];
