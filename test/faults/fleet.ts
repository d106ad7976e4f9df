import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import { fairTimeout } from './fairTimeout.ts';
import type { Complaint, FleetOptions, ProcessPlan } from './fleetOptions.ts';
import type { FleetProcess } from './fleetProcess.ts';
import { KILL_POINTS } from './killPoints.ts';
import type { KillFault } from './planFaults.ts';

/** The processes of the program. They are restarted when they end, as a platform does, and killed on request. */
export interface Fleet {
  processes: readonly FleetProcess[];
  /** Misbehaviour of processes that no injected fault explains. */
  complaints: Complaint[];
  stop(): Promise<void>;
}

/** A graceful stop takes 10 s at most. */
const STOP_MS = 15_000;
const TEXT = 1_000;

export function startFleet(options: FleetOptions): Fleet {
  const complaints: Complaint[] = [];
  const processes = options.processes.map((plan) => supervise(plan, options, complaints));
  // No process outlives this one, even if the rest of the clean-up fails.
  process.prependOnceListener('exit', () => {
    for (const each of processes) each.kill();
  });
  return { processes, complaints, stop: async () => void (await Promise.all(processes.map((each) => each.end()))) };
}

function supervise(
  plan: ProcessPlan,
  options: FleetOptions,
  complaints: Complaint[],
): FleetProcess & { end(): Promise<void> } {
  const log = createWriteStream(join(options.dir, `${plan.name}.log`), { flags: 'a' });
  const complain = (what: Complaint['what'], text: string) =>
    complaints.push({ process: plan.name, what, text: text.slice(0, TEXT) });
  let child: ChildProcess | null = null;
  let started = false;
  let paused = false;
  let expected: 'kill' | 'term' | 'late' | null = null;
  /** The step at which it may die, as long as it does not know that it is not to. */
  let armed: KillFault | null = null;
  /** Of the last message about that. An earlier one may be answered later. */
  let armings = 0;
  let ending = false;
  let starts = 0;
  /** The release of the next start, and of the present one. */
  let release = 0;
  let running = 0;
  const life = keepRunning();

  async function keepRunning(): Promise<void> {
    while (!ending) {
      await runOnce();
      if (!ending) await sleep(options.restartMs());
    }
    log.end();
  }

  async function runOnce(): Promise<void> {
    starts += 1;
    expected = null;
    started = false;
    armed = null;
    running = release;
    const own = options.ofRelease?.(running, plan);
    const imports = [...options.preloads, ...(own?.preloads ?? [])].flatMap(({ href }) => ['--import', href]);
    const spawned = spawn(process.execPath, [...imports, 'bin/auto-ticketing.js', ...plan.args], {
      cwd: packageRoot,
      env: { ...plan.env, ...own?.env },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    // It knows that it is not to die.
    spawned.on('message', (message) => {
      if ((message as { disarmed?: number }).disarmed === armings) armed = null;
    });
    child = spawned;
    log.write(`--- start ${starts}, release ${running}, process ${spawned.pid}, ${new Date().toISOString()}\n`);
    const { stdout, stderr } = spawned;
    if (!stdout || !stderr) throw new Error(`${plan.name} has no output`);
    createInterface({ input: stdout }).on('line', onLine);
    createInterface({ input: stderr }).on('line', (line) => {
      log.write(`${line}\n`);
      // While the database is away a process may print an error and end.
      if (!options.isDatabaseAway(plan.name)) complain('stray_output', line);
    });
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      spawned.once('close', (...how) => resolve(how));
    });
    log.write(`--- ended with ${code ?? signal}\n`);
    child = null;
    paused = false;
    judge(code, signal);
  }

  function onLine(line: string): void {
    log.write(`${line}\n`);
    const entry = parsed(line);
    if (entry === null) complain('stray_output', line);
    else if (entry.level === 'ERROR') complain('error_line', line);
    else if (entry.msg === 'started') started = true;
    if (entry !== null) options.onEntry?.(entry);
  }

  function judge(code: number | null, signal: NodeJS.Signals | null): void {
    // A late process already has its complaint.
    if (expected === 'late' || (expected === 'kill' && signal === 'SIGKILL')) return;
    if (armed !== null && signal === 'SIGKILL') {
      options.onKilledAt?.(armed);
      return;
    }
    if (expected === 'term') {
      if (code !== 0) complain('dirty_stop', `ended with ${code ?? signal} after SIGTERM`);
      return;
    }
    const away = !started && options.isDatabaseAway(plan.name);
    if (!away) complain('ended', `ended unexpectedly with ${code ?? signal}`);
  }

  const isUp = () => child !== null && started && !paused && expected === null;

  function term(): void {
    expected = 'term';
    const target = child;
    target?.kill('SIGTERM');
    const cancel = fairTimeout(STOP_MS, () => {
      complain('slow_stop', `was still running ${STOP_MS / 1000} s after SIGTERM`);
      expected = 'late';
      target?.kill('SIGKILL');
    });
    target?.once('exit', cancel);
  }

  return {
    name: plan.name,
    url: plan.url,
    get starts() {
      return starts;
    },
    get release() {
      return release;
    },
    isUp,
    runs: (wanted) => isUp() && running === wanted,
    deploy(next) {
      release = next;
      if (isUp() && running !== next) term();
    },
    kill(onRemoved) {
      expected = 'kill';
      if (onRemoved) child?.once('exit', onRemoved);
      child?.kill('SIGKILL');
    },
    term,
    pause(ms) {
      const target = child;
      paused = true;
      target?.kill('SIGSTOP');
      setTimeout(() => {
        target?.kill('SIGCONT');
        if (child === target) paused = false;
      }, ms);
    },
    stepClock: () => void child?.kill('SIGUSR2'),
    arm(step) {
      armed = step ?? armed;
      armings += 1;
      const killAt = step === null ? null : KILL_POINTS[step];
      if (child?.connected) child.send({ id: armings, killAt }, () => undefined);
    },
    async end() {
      ending = true;
      child?.kill('SIGCONT');
      expected = 'kill';
      child?.kill('SIGKILL');
      await life;
    },
  };
}

function parsed(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return null;
  }
}
