import { constants, openSync } from 'node:fs';
import net from 'node:net';
import { type Account, giveTo, runAs } from '../../src/sandbox/postgres/account.ts';

/** The watchdog of a host: once armed, it resets the host when it was not written to in time, whatever the host does. */
export interface Watchdog {
  /** What Patroni opens as its device. */
  device: string;
  resets(): number;
  /** The host is off. */
  disarm(): void;
  stop(): void;
}

/**
 * Takes what Patroni's driver `testing` writes: `Ctimeout=15` arms it, `1` is a sign of life, and `V` disarms it. It runs
 * outside of the host, as a watchdog of the hardware or of the hypervisor does, so it also resets a host that stands still.
 */
export async function startWatchdog(device: string, account: Account, reset: () => void): Promise<Watchdog> {
  await runAs(account, '/usr/bin/mkfifo', ['-m', '600', device]);
  await giveTo(account, device);
  // Opened for both directions, so that it stays open when Patroni ends.
  const fd = openSync(device, constants.O_RDWR | constants.O_NONBLOCK);
  const input = new net.Socket({ fd, readable: true, writable: false });
  let timeoutMs: number | null = null;
  let timer: NodeJS.Timeout | undefined;
  let resets = 0;

  function disarm(): void {
    clearTimeout(timer);
    timeoutMs = null;
  }
  function onAlive(): void {
    clearTimeout(timer);
    if (timeoutMs !== null) timer = setTimeout(onSilence, timeoutMs);
  }
  function onSilence(): void {
    disarm();
    resets += 1;
    reset();
  }

  input.on('data', (data) => {
    for (const [written, seconds] of data.toString().matchAll(/Ctimeout=(\d+)\n|1|V/g)) {
      if (written === 'V') disarm();
      else if (seconds !== undefined) timeoutMs = Number(seconds) * 1000;
      onAlive();
    }
  });
  return {
    device,
    resets: () => resets,
    disarm,
    stop() {
      disarm();
      input.destroy();
    },
  };
}
