import { describe, expect, it } from 'vitest';
import { and, createMachine, fromPromise, not, raise, setup } from 'xstate';
import { raisedBy, shapeOf } from '../../src/actors/machineShape.ts';
import { machines } from '../../src/app/machineRegistry.ts';
import { activeStates, createChart } from '../../src/inspect/chart.ts';
import { everyNode } from '../../src/inspect/chartGraph.ts';
import { eventName } from '../../src/lib/eventName.ts';

const chart = createChart();

/** One of everything that a picture has to show. */
const sampler = setup({
  types: { events: {} as { type: 'GO' | 'STOP' | 'PING' | 'OWN' | 'IDLE' } },
  actors: { fetchIt: fromPromise(async () => 1) },
  guards: {
    isOne: () => true,
    isTwo: () => true,
    isFor: (_, _what: { what: string }) => true,
    was: (_, _what: string) => true,
  },
  delays: { aWhile: 1000 },
}).createMachine({
  id: 'sampler',
  type: 'parallel',
  states: {
    left: {
      initial: 'off',
      on: { PING: { actions: raise({ type: 'OWN' }) }, IDLE: '.off', STOP: {} },
      states: {
        off: {
          on: {
            GO: [
              { guard: and(['isOne', not('isTwo')]), target: 'on' },
              { guard: { type: 'was', params: 'here' }, target: 'on' },
              { target: 'on.warm' },
            ],
          },
        },
        on: {
          initial: 'cold',
          always: { guard: { type: 'isFor', params: () => ({ what: 'tea' }) }, target: 'off' },
          states: {
            cold: { after: { aWhile: 'warm' } },
            warm: { invoke: { id: 'it', src: 'fetchIt', onDone: 'cold', onError: 'cold' } },
          },
        },
      },
    },
    right: {},
  },
});

const edges = shapeOf(sampler).edges.map(({ from, to, labels }) => `${from} > ${to}: ${labels.join(', ')}`);
const states = (svg: string, what = '') =>
  [...svg.matchAll(/<g class="state ([^"]*)" data-state="([^"]*)"/g)]
    .filter(([, classes]) => (classes ?? '').split(' ').includes(what) || what === '')
    .map(([, , path]) => path);

describe('a shape', () => {
  it('names every transition by its event and its guard', () => {
    expect(edges).toEqual([
      'left.off > left.on: GO [isOne and not isTwo], GO [was here]',
      'left.off > left.on.warm: GO [else]',
      'left.on > left.off: [isFor tea]',
      'left.on.cold > left.on.warm: after aWhile',
      'left.on.warm > left.on.cold: done it, error it',
    ]);
  });

  it('tells what a state does and takes without being left, and not what it ignores', () => {
    const nodes = new Map(everyNode(shapeOf(sampler).root).map((node) => [node.path, node]));
    expect(nodes.get('left')).toMatchObject({ reacts: ['PING', 'IDLE → off'], initial: 'left.off' });
    expect(nodes.get('left.on.warm')).toMatchObject({ does: ['fetchIt'], initial: null });
  });

  it('knows the events that a machine raises for itself', () => {
    expect([...raisedBy(sampler)]).toEqual(['OWN']);
  });

  it.each([
    ['EMITTED', 'EMITTED'],
    ['xstate.after.flapWindow.alert.life.cooling', 'after flapWindow'],
    ['xstate.done.actor.file', 'done file'],
    ['xstate.error.actor.file', 'error file'],
    ['xstate.done.state.alert.life', 'done alert.life'],
  ])('calls the event %s %j', (type, name) => {
    expect(eventName(type)).toBe(name);
  });
});

describe('a statechart', () => {
  it.each(machines)('of $kind shows every state and every transition', async ({ machine }) => {
    const svg = await chart.draw(machine);
    const shape = shapeOf(machine);
    const paths = everyNode(shape.root).flatMap(({ path }) => (path === '' ? [] : [path]));
    expect(states(svg).toSorted()).toEqual(paths.toSorted());
    expect([...svg.matchAll(/ data-from="/g)]).toHaveLength(shape.edges.length);
    for (const label of shape.edges.flatMap(({ labels }) => labels)) expect(svg).toContain(`>${label}</text>`);
  });

  it.each(machines)(
    'of $kind carries no style, no script and no address, and closes what it opens',
    async ({ machine }) => {
      const svg = await chart.draw(machine);
      expect(svg).not.toMatch(/<style|<script|<a |style=|fill=|stroke=|font|\son\w+=|href|NaN|undefined/);
      const open: string[] = [];
      for (const [, closes, name = '', single] of svg.matchAll(/<(\/?)(\w+)[^<>]*?(\/?)>/g)) {
        if (closes) expect(open.pop()).toBe(name);
        else if (!single) open.push(name);
      }
      expect(open).toEqual([]);
    },
  );

  it('lights the current states and the transitions that leave from there, and nothing else', async () => {
    const svg = await chart.draw(sampler, { left: { on: 'warm' }, right: {} });
    expect(states(svg, 'current').toSorted()).toEqual(['left', 'left.on', 'left.on.warm', 'right']);
    const next = [...svg.matchAll(/class="edge transition next" data-from="([^"]*)"/g)].map(([, from]) => from);
    expect(next.toSorted()).toEqual(['left.on', 'left.on.warm']);
    expect(await chart.draw(sampler)).not.toContain('current');
  });

  it('says in words what it shows', async () => {
    const svg = await chart.draw(sampler, { left: { on: 'warm' }, right: {} });
    expect(svg).toMatch(/^<svg [^>]*role="img"/);
    expect(svg).toContain('aria-label="Statechart of sampler, now in left.on.warm, right"');
    expect(svg).toContain('<title>Statechart of sampler</title>');
  });

  it('is the same each time, however often the states change in between', async () => {
    const first = await chart.draw(sampler, { left: 'off', right: {} });
    await chart.draw(sampler, { left: { on: 'cold' }, right: {} });
    expect(await chart.draw(sampler, { left: 'off', right: {} })).toBe(first);
    expect(await createChart().draw(sampler, { left: 'off', right: {} })).toBe(first);
  });

  it('takes names for what they are', async () => {
    const odd = createMachine({ id: 'a"b', initial: 'x<y', states: { 'x<y': { on: { 'R&D': 'z"' } }, 'z"': {} } });
    const svg = await chart.draw(odd, 'x<y');
    expect(states(svg, 'current')).toEqual(['x&lt;y']);
    expect(svg).toContain('>x&lt;y</text>');
    expect(svg).toContain('>R&amp;D</text>');
    expect(svg).toContain('aria-label="Statechart of a&quot;b, now in x&lt;y"');
  });

  it.each([null, undefined, {}, 'no such state', { life: { nested: {} } }])(
    'is drawn for the state %j as well',
    async (state) => {
      expect(states(await chart.draw(sampler, state), 'current')).toEqual([]);
    },
  );
});

it('a state value names its states at every level', () => {
  const { all, leaves } = activeStates({ health: { outage: 'down' }, upkeep: {} });
  expect([...all]).toEqual(['health', 'health.outage', 'health.outage.down', 'upkeep']);
  expect(leaves).toEqual(['health.outage.down', 'upkeep']);
});

it('drawn ahead, a picture is there before anything else has its turn', async () => {
  const ahead = createChart();
  const drawn = () =>
    Promise.race([
      ahead.draw(sampler),
      new Promise<string>((resolve) => {
        setImmediate(() => resolve('late'));
      }),
    ]);
  expect(await drawn()).toBe('late');
  await ahead.warm([sampler]);
  expect(await drawn()).toContain('class="statechart"');
});
