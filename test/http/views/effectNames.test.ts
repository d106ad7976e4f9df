import { expect, it } from 'vitest';
import { createEffectHandlers } from '../../../src/app/effectHandlers.ts';
import { effectName } from '../../../src/http/views/effectNames.ts';

it('every effect has a name for people', () => {
  const unused = undefined as never;
  const handlers = createEffectHandlers({
    ...{ filing: unused, desk: unused, notes: unused, dms: unused, places: unused, log: unused },
  });
  const effects = Object.keys(handlers);
  expect(effects).toContain('sendDm');
  expect(effects.filter((src) => effectName(src) === src)).toEqual([]);
});
