import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { packageRoot } from '../../src/lib/packageRoot.ts';

/** The program's processes, kept running as a platform keeps them, and struck down on request. */
export interface Fleet {
  processes: readonly FleetProcess[];
  /** Everything that a process did which no fault of ours explains. */
  complaints: Complaint[];
  stop(): Promise<void>;
}

export interface FleetProcess {
  name: string;
  /** Null for a worker. */
  url: string | null;
  starts: number;
  /** Whether it has said that it started, and neither ended nor stands still. */
  isUp(): boolean;
  kill(): void;
  /** Asks it to stop, as a deploy does. */
  term(): void;
  /** Stands still for so long, as on a machine that is out of breath. */
  pause(ms: number): void;
  /** Its clock jumps by an hour. */
  stepClock(): void;
}

export interface Complaint {
  process: string;
  what: 'error_line' | 'stray_output' | 'ended' | 'slow_stop' | 'dirty_stop';
  text: string;
}

/** Stopping in good order takes 10 s at most, and a machine that is out of breath adds to that. */
const STOP_MS = 15_000;
const TEXT = 1_000;

interface ProcessPlan {
  name: string;
  args: string[];
  env: Record<string, string>;
  url: string | null;
}

export interface FleetOptions {
  processes: ProcessPlan[];
  /** Logs go here, one file a unit. */
  dir: string;
  /** What is loaded ahead of the program. */
  preloads: readonly URL[];
  /** Before a process that ended is started anew. */
  restartMs(): number;
  /** A process that cannot reach its database while starting may end; the platform starts it again. */
  isDatabaseAway(): boolean;
}

export function startFleet(options: FleetOptions): Fleet {
  const complaints: Complaint[] = [];
  const processes = options.processes.map((plan) => supervise(plan, options, complaints));
  // None of them outlives us, whatever else is put in order when we end and may fail.
  process.prependOnceListener('exit', () => {
    for (const unit of processes) unit.kill();
  });
  return { processes, complaints, stop: async () => void (await Promise.all(processes.map((unit) => unit.end()))) };
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
  let ending = false;
  let starts = 0;
  const life = keepRunning();

  async function keepRunning(): Promise<void> {
    while (!ending) {
      await oneLife();
      if (!ending) await sleep(options.restartMs());
    }
    log.end();
  }

  async function oneLife(): Promise<void> {
    starts += 1;
    expected = null;
    started = false;
    const imports = options.preloads.flatMap(({ href }) => ['--import', href]);
    const mine = spawn(process.execPath, [...imports, 'bin/auto-ticketing.js', ...plan.args], {
      cwd: packageRoot,
      env: plan.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = mine;
    log.write(`--- start ${starts}, process ${mine.pid}, ${new Date().toISOString()}\n`);
    createInterface({ input: mine.stdout }).on('line', onLine);
    createInterface({ input: mine.stderr }).on('line', (line) => {
      log.write(`${line}\n`);
      // What it says before it ends because of its database is told with its end.
      if (!options.isDatabaseAway()) complain('stray_output', line);
    });
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) => {
      mine.once('close', (...how) => resolve(how));
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
  }

  function judge(code: number | null, signal: NodeJS.Signals | null): void {
    // Whoever was late has been complained about already.
    if (expected === 'late' || (expected === 'kill' && signal === 'SIGKILL')) return;
    if (expected === 'term') {
      if (code !== 0) complain('dirty_stop', `ended with ${code ?? signal} when it was asked to stop`);
      return;
    }
    const away = !started && options.isDatabaseAway();
    if (!away) complain('ended', `ended with ${code ?? signal} by itself`);
  }

  return {
    name: plan.name,
    url: plan.url,
    get starts() {
      return starts;
    },
    isUp: () => child !== null && started && !paused && expected === null,
    kill() {
      expected = 'kill';
      child?.kill('SIGKILL');
    },
    term() {
      expected = 'term';
      const asked = child;
      asked?.kill('SIGTERM');
      const late = setTimeout(() => {
        complain('slow_stop', `was still there ${STOP_MS / 1000} s after it was asked to stop`);
        expected = 'late';
        asked?.kill('SIGKILL');
      }, STOP_MS);
      asked?.once('exit', () => clearTimeout(late));
    },
    pause(ms) {
      const held = child;
      paused = true;
      held?.kill('SIGSTOP');
      setTimeout(() => {
        held?.kill('SIGCONT');
        if (child === held) paused = false;
      }, ms);
    },
    stepClock: () => void child?.kill('SIGUSR2'),
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
