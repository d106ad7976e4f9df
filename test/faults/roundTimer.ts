/** The time in which a round's load and faults happen; everything that waits is let go when it ends. */
export interface RoundTimer {
  ended: boolean;
  end(): void;
  /** False where the stage ended before the time was over. */
  pause(ms: number): Promise<boolean>;
  /** False where the stage ended first. */
  until(work: Promise<unknown>): Promise<boolean>;
}

export function startRoundTimer(): RoundTimer {
  let release: () => void = () => undefined;
  const over = new Promise<void>((resolve) => {
    release = resolve;
  });
  const stage: RoundTimer = {
    ended: false,
    end() {
      stage.ended = true;
      release();
    },
    async pause(ms) {
      let timer: NodeJS.Timeout | undefined;
      const passed = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, ms);
      });
      await Promise.race([passed, over]);
      clearTimeout(timer);
      return !stage.ended;
    },
    async until(work) {
      await Promise.race([work, over]);
      return !stage.ended;
    },
  };
  return stage;
}
