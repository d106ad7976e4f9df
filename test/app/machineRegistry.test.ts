import { expect, it } from 'vitest';
import { initialTransition } from 'xstate';
import { initial, persist } from '../../src/actors/step.ts';
import { machines } from '../../src/app/machineRegistry.ts';

it.each(machines.flatMap(({ kind, machine, longList }) => (longList ? [{ kind, machine, longList }] : [])))(
  'the long list of $kind is a list of its context',
  ({ kind, machine, longList }) => {
    const [{ context }] = initialTransition(machine, { id: `${kind}:monitor` });
    expect(context[longList.field]).toEqual([]);
  },
);

it.each(machines.map((entry) => [entry.kind, entry] as const))(
  'every actor of the kind %s begins as the evaluation of its machine says',
  (kind, entry) => {
    for (const id of [`${kind}:monitor:disk`, kind, `${kind}:another sender:🚒`]) {
      const [evaluated] = initialTransition(entry.machine, { id });
      expect(persist(entry, initial(entry, id))).toEqual(persist(entry, evaluated));
    }
  },
);
