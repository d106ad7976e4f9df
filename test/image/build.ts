import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { packageRoot } from '../../src/lib/packageRoot.ts';
import type { Stage, Step } from './dockerfile.ts';

export interface Image {
  /** Its file system; a path of the image is below it. */
  root: string;
  workdir: string;
  env: Record<string, string>;
  /** The exec form of ENTRYPOINT, CMD and HEALTHCHECK. */
  entrypoint: string[];
  command: string[];
  healthcheck: string[];
}

export interface Builder {
  /** A folder of its own, which the user of the steps may write to. */
  folder: string;
  /** Gives a folder to the user of the steps. */
  handOver(path: string): void;
  /** How a process runs as that user, with these variables. */
  process(env: Record<string, string>): { env: Record<string, string>; uid?: number; gid?: number };
}

/** Carries out the steps of all stages, each in a folder of its own, and returns the last one. */
export function buildImage(stages: readonly Stage[], builder: Builder): Image {
  const images = new Map<string, Image>();
  let last: Image | undefined;
  for (const { name, steps } of stages) {
    const root = join(builder.folder, name);
    mkdirSync(root);
    last = { root, workdir: '/', env: {}, entrypoint: [], command: [], healthcheck: [] };
    images.set(name, last);
    for (const step of steps) carryOut(step, last, { builder, images });
  }
  if (last === undefined) throw new Error('the Dockerfile has no stage');
  return last;
}

function carryOut(
  { instruction, text }: Step,
  image: Image,
  { builder, images }: { builder: Builder; images: Map<string, Image> },
): void {
  const cwd = join(image.root, image.workdir);
  switch (instruction) {
    case 'WORKDIR':
      image.workdir = text;
      mkdirSync(join(image.root, text), { recursive: true });
      return;
    case 'ENV':
      for (const pair of text.split(' ')) image.env[pair.split('=', 1)[0] ?? ''] = pair.replace(/^\w+=/, '');
      return;
    case 'COPY':
      copy(text.split(' '), cwd, images);
      return;
    case 'RUN':
      builder.handOver(image.root);
      execFileSync('sh', ['-c', text], { cwd, stdio: ['ignore', 2, 2], ...builder.process(image.env) });
      return;
    case 'ENTRYPOINT':
      image.entrypoint = JSON.parse(text) as string[];
      return;
    case 'CMD':
      image.command = JSON.parse(text) as string[];
      return;
    case 'HEALTHCHECK':
      image.healthcheck = JSON.parse(text.slice(text.indexOf(' CMD ') + 5)) as string[];
      return;
    case 'USER':
    case 'EXPOSE':
      return;
    default:
      throw new Error(`${instruction} is unknown to this check of the Dockerfile`);
  }
}

/** From an earlier stage, or from this repository: only what git tracks, as in a clean clone. */
function copy(words: string[], cwd: string, images: Map<string, Image>): void {
  const stage = words[0]?.startsWith('--from=') ? images.get(words.shift()?.slice('--from='.length) ?? '') : undefined;
  const target = words.pop() ?? '';
  for (const source of words) {
    const isFolder = target.endsWith('/');
    const to = join(cwd, target, isFolder ? basename(source) : '');
    if (stage) cpSync(join(stage.root, source), to, { recursive: true, verbatimSymlinks: true });
    else copyTracked(source, to);
  }
}

function copyTracked(source: string, to: string): void {
  const files = execFileSync('git', ['ls-files', '-z', source], { cwd: packageRoot, encoding: 'utf8' });
  for (const file of files.split('\0').filter(Boolean)) {
    cpSync(join(packageRoot, file), join(to, file.slice(source.length)), { recursive: true });
  }
  if (files === '') throw new Error(`COPY ${source}: no such file in the repository`);
}

/** Deletes a folder of a build. */
export const removeFolder = (folder: string): void => rmSync(folder, { recursive: true, force: true });
