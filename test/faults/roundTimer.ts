/** The time in which a round's load and faults happen. Its end also ends all waiting. */
export interface RoundTimer {
  ended: boolean;
  end(): void;
  /** Waits for this time. Resolves with false when the round ended first. */
  pause(ms: number): Promise<boolean>;
  /** Waits for the promise. Resolves with false when the round ended first. */
  until(work: Promise<unknown>): Promise<boolean>;
}

export function startRoundTimer(): RoundTimer {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    release = resolve;
  });
  const timer: RoundTimer = {
    ended: false,
    end() {
      timer.ended = true;
      release();
    },
    async pause(ms) {
      let timeout: NodeJS.Timeout | undefined;
      const passed = new Promise<void>((resolve) => {
        timeout = setTimeout(resolve, ms);
      });
      await Promise.race([passed, over]);
      clearTimeout(timeout);
      return !timer.ended;
    },
    async until(work) {
      await Promise.race([work, over]);
      return !timer.ended;
    },
  };
  return timer;
}
