import { expect, it } from 'vitest';
import { run } from '../../commands/run.ts';

it('the drill "hundred" passes: an outage of 100 services files 20 tickets and one umbrella ticket, and the console keeps responding', async () => {
  const { out, failure } = await run(['drill', 'hundred']);
  expect({ failure, out: out.filter((line) => /^(PASS|FAIL)/.test(line)).map((line) => line.slice(0, 4)) }).toEqual({
    failure: null,
    out: ['PASS'],
  });
}, 600_000);
