import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';
import { createSystemNames } from '../../src/net/systemNames.ts';

type Type = 'a' | 'aaaa' | 'other';

/** The records of a name, or `silent`: no answer at all. */
export type Answers = Records | 'silent' | 'SERVFAIL';

interface Records {
  a?: string[];
  aaaa?: string[];
  /** Seconds; default 60. */
  ttl?: number;
  /** How much later the answer is sent. */
  lateMs?: number;
  /** Queries that get no answer. */
  silentTypes?: Type[];
}

export interface NameServer {
  /** `address:port` */
  address: string;
  /** The answers by name; a missing name does not exist. May change at any time. */
  zone: Record<string, Answers>;
  /** Each query in turn: name and type. */
  asked: string[];
  close(): Promise<void>;
}

const NXDOMAIN = 3;
const RCODES = { SERVFAIL: 2 };
const TYPES: Record<number, Type> = { 1: 'a', 28: 'aaaa' };

/** A DNS server on loopback. */
export async function startNameServer(zone: Record<string, Answers>): Promise<NameServer> {
  const socket = createSocket('udp4');
  const asked: string[] = [];
  const late = new Set<NodeJS.Timeout>();
  const server: NameServer = {
    address: '',
    zone,
    asked,
    close: async () => {
      for (const timer of late) clearTimeout(timer);
      socket.close();
      await once(socket, 'close');
    },
  };
  socket.on('message', (query: Buffer, from: RemoteInfo) => {
    const { name, type, end } = questionOf(query);
    asked.push(`${name} ${type}`);
    const answers = server.zone[name];
    if (answers === 'silent' || (typeof answers === 'object' && answers.silentTypes?.includes(type))) return;
    const reply = replyTo(query.subarray(0, end), answers, type);
    const send = () => socket.send(reply, from.port, from.address);
    if (typeof answers === 'object' && answers.lateMs) late.add(setTimeout(send, answers.lateMs));
    else send();
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  server.address = `127.0.0.1:${socket.address().port}`;
  return server;
}

/** The files of a system that has neither hosts nor search domains. */
export const bareSystem = () => createSystemNames({ hostsFile: '/nonexistent', resolvFile: '/nonexistent' });

function questionOf(query: Buffer) {
  const labels: string[] = [];
  let at = 12;
  for (let length = query.readUInt8(at); length > 0; length = query.readUInt8(at)) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), type: TYPES[query.readUInt16BE(at + 1)] ?? 'other', end: at + 5 };
}

function replyTo(question: Buffer, answers: Answers | undefined, type: Type): Buffer {
  const header = Buffer.alloc(12);
  const isFound = typeof answers === 'object';
  const records = isFound && type !== 'other' ? (answers[type] ?? []) : [];
  question.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | (isFound ? 0 : answers === 'SERVFAIL' ? RCODES.SERVFAIL : NXDOMAIN), 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  const ttl = isFound ? (answers.ttl ?? 60) : 0;
  return Buffer.concat([header, question.subarray(12), ...records.map((address) => recordOf(address, ttl))]);
}

function recordOf(address: string, ttl: number): Buffer {
  const data = address.includes(':') ? ipv6Bytes(address) : Buffer.from(address.split('.').map(Number));
  const head = Buffer.alloc(12);
  // A pointer to the name in the question.
  head.writeUInt16BE(0xc00c, 0);
  head.writeUInt16BE(data.length === 16 ? 28 : 1, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function ipv6Bytes(address: string): Buffer {
  const [before = '', after = ''] = address.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16)));
  const [head, tail] = [groups(before), groups(after)];
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...head, ...Array<number>(8 - head.length - tail.length).fill(0), ...tail].entries()) {
    bytes.writeUInt16BE(group, index * 2);
  }
  return bytes;
}
