// Writes docs/machines.md and the pictures beside it from the machines themselves: npm run docs
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AnyStateMachine } from 'xstate';
import { isEffective, raisedBy, type ShapeNode, shapeOf, statesOf, transitionsOf } from '../src/actors/machineShape.ts';
import { machines } from '../src/app/machineRegistry.ts';
import { createChart } from '../src/inspect/chart.ts';
import { eventName } from '../src/lib/eventName.ts';
import { packageRoot } from '../src/lib/packageRoot.ts';
import { SITUATIONS, type Situation } from './machine-situations.ts';
import { EFFECTS, WORDS } from './machine-words.ts';

/**
 * The text of every generated file, by its path from the root. Throws if something of a machine is not described, or
 * something is described that no machine has.
 */
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

\`npm run docs\` writes this page and its pictures from \`machines/\`, where each state has its description, and from
\`scripts/machine-words.ts\` and \`scripts/machine-situations.ts\`. An actor is a row in Postgres: its state, its context
and its timers outlast every process. In the console, its page under Inspect shows the same picture with the current
state highlighted.

In the pictures a label reads \`EVENT [guard]\`. \`[else]\` applies when no earlier guard of that event does. A transition
without an event is taken as soon as its guard is true. \`done file\` and \`error file\` are the results of the effect with
that name; \`after …\` is a timer. Events that a state takes without leaving it are listed inside the state.

## Which rule is where

Each row names what carries it: \`machine:state\`, often with a transition of that state, or the file that decides. A
minus in front of an event says that the state does not take it.

${Object.entries(SITUATIONS)
  .map(([title, rows]) => situations(title, rows))
  .join('\n')}
${parts.join('\n')}
## Effects

| effect | what it does |
| --- | --- |
${Object.entries(EFFECTS)
  .map(([name, words]) => `| \`${name}\` | ${words} |`)
  .join('\n')}
`;
}

function situations(title: string, rows: Situation[]): string {
  const unknown = rows.flatMap(({ by }) => by.filter((reference) => !referenceExists(reference)));
  if (unknown.length > 0)
    throw new Error(`scripts/machine-situations.ts: no machine or file has ${unknown.join('; ')}.`);
  return `### ${title}

| situation | what happens | carried by |
| --- | --- | --- |
${rows
  .map(({ situation, answer, by }) => `| ${situation} | ${answer} | ${by.map((each) => `\`${each}\``).join('<br>')} |`)
  .join('\n')}
`;
}

/** Whether there is such a state, transition or file; the notation is that of `Situation`. */
export function referenceExists(reference: string): boolean {
  const [, kind, path, rest] = /^(\w+):([\w.]+)(?: (.+))?$/.exec(reference) ?? [];
  if (!kind || !path) return existsSync(join(packageRoot, reference));
  const machine = machines.find((entry) => entry.kind === kind)?.machine;
  const node = machine && statesOf(machine).find((state) => state.path.join('.') === path);
  if (!machine || !node) return false;
  if (!rest) return true;
  if (rest.startsWith('-')) return !transitionsOf(node).some(({ eventType }) => eventName(eventType) === rest.slice(1));
  return transitionTexts(machine, path).includes(rest);
}

/** Transitions of a state in the words of the pictures, each also without its target. */
function transitionTexts(machine: AnyStateMachine, path: string): string[] {
  const { root, edges } = shapeOf(machine);
  const find = (node: ShapeNode): ShapeNode[] => [node, ...node.children.flatMap(find)];
  const reacts = find(root).find((node) => node.path === path)?.reacts ?? [];
  const leaving = edges
    .filter(({ from }) => from === path)
    .flatMap(({ to, labels }) => labels.flatMap((l) => targets(l, path, to)));
  return [...reacts, ...leaving];
}

/** A target in the same region may be given by its last name. */
const targets = (label: string, from: string, to: string): string[] => {
  const region = `${from.split('.').slice(0, -1).join('.')}.`;
  return [label, `${label} → ${to}`, ...(to.startsWith(region) ? [`${label} → ${to.slice(region.length)}`] : [])];
};

function section(kind: string, machine: AnyStateMachine, version: number): string {
  const { about, events } = WORDS[kind] ?? { about: '', events: {} };
  const effects = [...new Set(statesOf(machine).flatMap(({ invoke }) => invoke.map(({ src }) => String(src))))];
  complain(
    `the effects of ${kind}`,
    effects.filter((name) => !Object.hasOwn(EFFECTS, name)),
    [],
  );
  const effectNames = effects.map((name) => `\`${name}\``).join(', ') || 'none';
  return `## ${kind}

${about}

![Statechart of ${kind}](machines/${kind}.svg)

Version ${version}. Effects: ${effectNames}.

| state | what it means |
| --- | --- |
${stateRows(kind, machine).join('\n')}

| event | comes from | taken in | what it means |
| --- | --- | --- | --- |
${eventRows(kind, machine, events).join('\n')}
`;
}

/** Every state without children has a description in the machine; others may have one. */
function stateRows(kind: string, machine: AnyStateMachine): string[] {
  const states = statesOf(machine).map((node) => ({ path: node.path.join('.'), node }));
  const isMute = ({ node }: (typeof states)[number]): boolean =>
    Object.keys(node.states).length === 0 && !node.description;
  const mute = states.filter(isMute).map(({ path }) => path);
  if (mute.length > 0) throw new Error(`machines/, ${kind}: no description of ${mute.join(', ')}.`);
  return states.flatMap(({ path, node }) => (node.description ? [`| \`${path}\` | ${node.description} |`] : []));
}

function eventRows(kind: string, machine: AnyStateMachine, events: Record<string, string>): string[] {
  const taken = eventsOf(machine);
  const own = raisedBy(machine);
  complain(
    `the events of ${kind}`,
    [...taken.keys()].filter((event) => !Object.hasOwn(events, event)),
    Object.keys(events).filter((event) => !taken.has(event)),
  );
  return [...taken].map(([event, states]) => {
    const from = own.has(event) ? 'itself' : event.startsWith('after ') ? timer(machine, event) : 'outside';
    return `| \`${event}\` | ${from} | ${states.map((state) => `\`${state}\``).join(', ')} | ${events[event]} |`;
  });
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

/** How long a timer runs, if that does not depend on settings or events. */
function timer(machine: AnyStateMachine, event: string): string {
  const delay: unknown = machine.implementations.delays[event.replace('after ', '')];
  if (typeof delay !== 'number') return 'a timer';
  const text = delay % 60_000 === 0 ? `${delay / 60_000} min` : `${delay / 1000} s`;
  return `a timer of ${text}`;
}

function complain(what: string, missing: string[], left: string[]): void {
  if (missing.length === 0 && left.length === 0) return;
  const problems = [
    ...missing.map((name) => `${name} is not described`),
    ...left.map((name) => `${name} is described and does not exist`),
  ];
  throw new Error(`scripts/machine-words.ts, ${what}: ${problems.join('; ')}.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [path, text] of await machineDocs()) {
    const file = join(packageRoot, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
