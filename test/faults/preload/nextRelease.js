import { createMachine } from 'xstate';

/**
 * The modules that differ in a later release of the program. Release n has an alert machine whose version is higher by n,
 * and which asks for its messages by an effect that no release before n knows: `sendDmOfRelease<n>`. It knows those of
 * the releases before as well, because their actors may wait for them.
 */
const program = (name) => import(new URL(`../../../dist/src/${name}`, import.meta.url).href);
const [present, effects, { createRegistry }] = await Promise.all(
  ['app/machineRegistry.js', 'app/effectHandlers.js', 'actors/registry.js'].map(program),
);

const release = Number(new URL(import.meta.url).searchParams.get('release'));
const NAMES = Array.from({ length: release }, (_, n) => `sendDmOfRelease${n + 1}`);

/** The same value under each of the names. */
const named = (value) => Object.fromEntries(NAMES.map((name) => [name, value]));

function later({ machine, version, migrations, ...entry }) {
  const { config, implementations } = machine;
  const { dm } = config.states;
  const { sending } = dm.states;
  const invoke = { ...sending.invoke, src: NAMES.at(-1) };
  const states = { ...config.states, dm: { ...dm, states: { ...dm.states, sending: { ...sending, invoke } } } };
  const { actors } = implementations;
  return {
    ...entry,
    machine: createMachine(
      { ...config, states },
      { ...implementations, actors: { ...actors, ...named(actors.sendDm) } },
    ),
    version: version + release,
    migrations: { ...migrations, ...Object.fromEntries(NAMES.map((_, n) => [version + n, (snapshot) => snapshot])) },
  };
}

export const machines = present.machines.map((entry) => (entry.kind === 'alert' ? later(entry) : entry));
export const registry = createRegistry(machines);

export const { hasAccess } = effects;
export function createEffectHandlers(deps) {
  const handlers = effects.createEffectHandlers(deps);
  return { ...handlers, ...named(handlers.sendDm) };
}
