import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longestFirst.ts';

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  test: {
    include: ['test/**/*.test.{ts,tsx}'],
    environment: 'node',
    globalSetup: ['test/support/globalSetup.ts'],
    setupFiles: ['test/support/setup.ts'],
    // Loading the program anew for each file took a third of the time. No test replaces a module.
    isolate: false,
    // Most tests wait for something, so two workers more than the processors of a small machine keep it busy.
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 45_000 } },
    // A test may wait for several conditions, each for 45 s at most, while other programs keep the machine busy.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
