// Writes docs/machines.md and the pictures beside it from the machines themselves: npm run docs
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { isEffective, raisedBy, statesOf, transitionsOf } from '../src/actors/machineShape.ts';
import { machines } from '../src/app/machineRegistry.ts';
import { createChart } from '../src/inspect/chart.ts';
import { eventName } from '../src/lib/eventName.ts';
import { packageRoot } from '../src/lib/packageRoot.ts';
import { EFFECTS, WORDS } from './machine-words.ts';

/** The text of every generated file, by its path from the root. Throws where a machine has something that nobody described. */
export async function machineDocs(): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const chart = createChart();
  const sheet = await readFile(join(packageRoot, 'scripts/machine-docs.css'), 'utf8');
  for (const { kind, machine } of machines) {
    files.set(
      `docs/machines/${kind}.svg`,
      `${(await chart.draw(machine)).replace('<title>', `<style>\n${sheet}</style><title>`)}\n`,
    );
  }
  files.set('docs/machines.md', page());
  return files;
}

function page(): string {
  const parts = machines.map(({ kind, machine, version }) => section(kind, machine, version));
  const left = Object.keys(WORDS).filter((kind) => !machines.some((entry) => entry.kind === kind));
  complain('machines', [], left);
  return `# Machines

This page and its pictures are written by \`npm run docs\` from \`machines/\`; the words are in
\`scripts/machine-words.ts\`. Every machine lives as a row in Postgres: its state, its context and its timers outlast
every process. An actor's page in the console, under Inspect, shows the same picture with its current state lit.

In the pictures a label reads \`EVENT [guard]\`, and \`[else]\` is what happens when no guard before it let the same
event through. A transition without an event is taken as soon as its guard holds. \`done file\` and \`error file\` are
the answers of the effect with that name; \`after …\` is a timer. What a state takes without being left stands in the
state itself.

${parts.join('\n')}
## Effects

| effect | what it does |
| --- | --- |
${Object.entries(EFFECTS)
  .map(([name, words]) => `| \`${name}\` | ${words} |`)
  .join('\n')}
`;
}

function section(kind: string, machine: AnyStateMachine, version: number): string {
  const { about, events } = WORDS[kind] ?? { about: '', events: {} };
  const taken = eventsOf(machine);
  const own = raisedBy(machine);
  complain(
    `the events of ${kind}`,
    [...taken.keys()].filter((event) => !Object.hasOwn(events, event)),
    Object.keys(events).filter((event) => !taken.has(event)),
  );
  const effects = [...new Set(statesOf(machine).flatMap(({ invoke }) => invoke.map(({ src }) => String(src))))];
  complain(
    `the effects of ${kind}`,
    effects.filter((name) => !Object.hasOwn(EFFECTS, name)),
    [],
  );
  const rows = [...taken].map(([event, states]) => {
    const from = own.has(event) ? 'itself' : event.startsWith('after ') ? timer(machine, event) : 'outside';
    return `| \`${event}\` | ${from} | ${states.map((state) => `\`${state}\``).join(', ')} | ${events[event]} |`;
  });
  return `## ${kind}

${about}

![Statechart of ${kind}](machines/${kind}.svg)

Version ${version}. Effects: ${effects.map((name) => `\`${name}\``).join(', ')}.

| event | comes from | taken in | what it means |
| --- | --- | --- | --- |
${rows.join('\n')}
`;
}

/** Events that people, other actors, timers or the machine itself send, each with the states that take it. */
function eventsOf(machine: AnyStateMachine): Map<string, string[]> {
  const taken = new Map<string, string[]>();
  for (const node of statesOf(machine)) {
    for (const transition of transitionsOf(node)) {
      const event = eventName(transition.eventType);
      const isAnswer = /^xstate\.(done|error)\./.test(transition.eventType);
      if (event === '' || isAnswer || !isEffective(transition)) continue;
      const states = taken.get(event) ?? [];
      taken.set(event, states);
      const path = node.path.join('.') || 'anywhere';
      if (!states.includes(path)) states.push(path);
    }
  }
  return taken;
}

/** How long a timer runs, where that does not depend on settings or events. */
function timer(machine: AnyStateMachine, event: string): string {
  const delay: unknown = machine.implementations.delays[event.replace('after ', '')];
  if (typeof delay !== 'number') return 'a timer';
  const text = delay % 60_000 === 0 ? `${delay / 60_000} min` : `${delay / 1000} s`;
  return `a timer of ${text}`;
}

function complain(what: string, missing: string[], left: string[]): void {
  if (missing.length === 0 && left.length === 0) return;
  const said = [
    ...missing.map((name) => `nothing is said of ${name}`),
    ...left.map((name) => `${name} is not there any more`),
  ];
  throw new Error(`scripts/machine-words.ts, ${what}: ${said.join('; ')}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await machineDocs()) {
    const file = join(packageRoot, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
