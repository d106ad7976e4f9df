import { promisify } from 'node:util';
import { constants, crc32, deflateRaw, deflateRawSync } from 'node:zlib';
import { joinedCrc32 } from '../lib/crc32.ts';
import type { Ctx } from './context.ts';

/** HTML that many responses contain. It is compressed once for all of them. */
export interface SharedHtml {
  bytes: Buffer;
  /** CRC-32 of the bytes. */
  checksum(): number;
  /** Blocks that may stand anywhere in a deflate stream. They begin and end at a byte boundary. */
  deflated(): Promise<Buffer>;
}

const deflate = promisify(deflateRaw);
/** Ends at a byte boundary, without a final block; later blocks do not refer to earlier ones. */
const AS_PART = { finishFlush: constants.Z_FULL_FLUSH };

/** These pieces as one text. */
export function sharedHtml(...pieces: readonly string[]): SharedHtml {
  const bytes = Buffer.concat(pieces.map((piece) => Buffer.from(piece)));
  let checksum: number | undefined;
  let deflated: Promise<Buffer> | undefined;
  return {
    bytes,
    checksum() {
      checksum ??= crc32(bytes);
      return checksum;
    },
    deflated() {
      deflated ??= deflate(bytes, AS_PART);
      return deflated;
    },
  };
}

/** Answers with these parts, compressed if the caller takes gzip. Other encodings are left to the compression layer. */
export async function sendParts(ctx: Ctx, parts: readonly (string | SharedHtml)[]): Promise<void> {
  const all = parts.map((part) => (typeof part === 'string' ? ownHtml(part) : part));
  if (ctx.method === 'HEAD' || ctx.acceptsEncodings('gzip', 'identity') !== 'gzip') {
    ctx.body = Buffer.concat(all.map(({ bytes }) => bytes));
    return;
  }
  const deflated = await Promise.all(all.map((part) => part.deflated()));
  ctx.set('Content-Encoding', 'gzip');
  ctx.body = Buffer.concat([GZIP_HEADER, ...deflated, FINAL_BLOCK, trailer(all)]);
}

/** To compress a shorter text takes longer than to send it. */
const MIN_DEFLATED_BYTES = 1_024;

/** HTML of one response. */
function ownHtml(html: string): SharedHtml {
  const bytes = Buffer.from(html);
  return {
    bytes,
    checksum: () => crc32(bytes),
    deflated: async () => (bytes.length < MIN_DEFLATED_BYTES ? stored(bytes) : deflateRawSync(bytes, AS_PART)),
  };
}

/** RFC 1951: a block without compression, not the last one; at most 65,535 bytes. */
function stored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(0xffff - bytes.length, 3);
  return Buffer.concat([head, bytes]);
}

/** RFC 1952: deflate, no name, no time, unknown system. */
const GZIP_HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff]);
/** RFC 1951: the last block, empty, with fixed codes. */
const FINAL_BLOCK = Buffer.from([3, 0]);

/** The checksum and the length of the uncompressed content. */
function trailer(parts: readonly SharedHtml[]): Buffer {
  const end = Buffer.alloc(8);
  const checksum = parts.reduce((sum, part) => joinedCrc32(sum, part.checksum(), part.bytes.length), 0);
  end.writeUInt32LE(checksum, 0);
  end.writeUInt32LE(parts.reduce((sum, { bytes }) => sum + bytes.length, 0) % 2 ** 32, 4);
  return end;
}
