import { expect, it } from 'vitest';
import type { ActorInput } from '../support/driver.ts';
import { alert, p1 } from './alertEvents.ts';

it('an emission of a release that had no other suppression is held back by the flag only', () => {
  const { held: _, under: __, ...older } = p1;
  const actor = alert();
  actor.take({ ...older, auto: false } as ActorInput);
  expect(actor.context.held).toBe('flag_off');
  actor.take({ ...older, auto: true } as ActorInput);
  expect(actor.context).toMatchObject({ held: null, under: [] });
});
