import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { SENDERS } from '../../src/alerts/senders/registry.ts';
import { packageRoot } from '../../src/lib/packageRoot.ts';

const page = readFileSync(join(packageRoot, 'docs', 'senders.md'), 'utf8');

it.each(SENDERS.map((sender) => [sender.title, sender] as const))(
  'docs/senders.md contains the block that the console shows for %s',
  (_title, { name, block }) => {
    expect(page).toContain(block({ url: `https://console.example.com/api/webhooks/${name}/${name}`, source: name }));
  },
);
