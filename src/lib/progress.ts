/** Shows progress on one line that is overwritten; when the output is not a terminal, on a new line every 15 seconds. */
export interface Progress {
  say(what: string): void;
  /** Shows a bar that is full after `ms`; returns how to end it. */
  follow(what: string, ms: number, status: () => string): () => void;
  done(): void;
}

const WIDTH = 24;

export function createProgress(stream: { isTTY?: boolean; write(text: string): unknown }): Progress {
  const rewrites = stream.isTTY === true;

  function show(line: string): void {
    stream.write(rewrites ? `\r\u001b[2K${line}` : `${line}\n`);
  }

  return {
    say: show,
    follow(what, ms, status) {
      const began = performance.now();
      const draw = () => {
        const share = Math.min(1, (performance.now() - began) / ms);
        const full = Math.round(share * WIDTH);
        show(`[${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}] ${what}: ${status()}`);
      };
      const timer = setInterval(draw, rewrites ? 500 : 15_000);
      return () => {
        clearInterval(timer);
        draw();
      };
    },
    done() {
      if (rewrites) stream.write('\r\u001b[2K');
    },
  };
}
