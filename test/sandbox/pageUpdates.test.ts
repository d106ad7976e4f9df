import axios from 'axios';
import { expect, it, onTestFinished } from 'vitest';
import { startFreeScoutFixture, ticket } from './freescout/freescoutFixture.ts';

it('open sandbox pages receive one event for several changes within a short time', async () => {
  const { sandbox } = await startFreeScoutFixture();
  const { data } = await axios.get(`${sandbox.url}/events`, { responseType: 'stream' });
  onTestFinished(() => data.destroy());
  let heard = '';
  data.on('data', (chunk: Buffer) => {
    heard += chunk;
  });
  for (const subject of ['one', 'two', 'three']) sandbox.control.file(ticket({ subject }));
  await expect.poll(() => heard).toContain('data: changed');
  expect(heard.match(/data: changed/g)).toHaveLength(1);
});

it('a sandbox stops while pages are open', async () => {
  const { sandbox } = await startFreeScoutFixture();
  const { data } = await axios.get(`${sandbox.url}/events`, { responseType: 'stream' });
  data.on('error', () => undefined);
  const closed = new Promise((resolve) => data.once('close', resolve));
  await sandbox.stop();
  await closed;
  await expect(axios.get(sandbox.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
