import { execFileSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { synthesize } from '../../../operator/sim/synthetic/synthesize.ts';
import { TraceError } from '../../../operator/sim/traces/error.ts';
import { toJsonLines } from '../../../operator/sim/traces/jsonLines.ts';
import { readTrace } from '../../../operator/sim/traces/read.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-trace-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function file(content: string | Buffer, name = 'trace'): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** The message with which reading fails; it must be ours, one line, and name the file. */
async function refusal(path: string): Promise<string> {
  const error = await readTrace(path).then(
    () => new Error('was not refused'),
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(TraceError);
  const { message } = error as TraceError;
  expect(message).not.toMatch(/[\r\n]/);
  expect(message.startsWith(path)).toBe(true);
  return message.slice(path.length);
}

const SWF = '1 0 -1 10 4 -1 -1 -1 -1 -1 1 -1 -1 -1 -1 -1 -1 -1\n';
const GOOD = synthesize('jobs=4000,seed=3,gpu=0.3,coupled=0.1');
const TEXT = [...toJsonLines(GOOD.jobs)].join('');

describe('readTrace', () => {
  it('reads plain and gzipped files alike, whatever their names', async () => {
    const plain = await readTrace(await file(TEXT, 'plain.swf.gz'));
    expect(plain).toMatchObject({ format: 'jsonl', records: 4000 });
    expect(plain.jobs).toEqual(GOOD.jobs);
    expect(await readTrace(await file(gzipSync(TEXT), 'packed.csv'))).toEqual(plain);
  });

  it('reads gzip of several members, a byte order mark and leading blank lines', async () => {
    const members = Buffer.concat([gzipSync(`\uFEFF\n\n${SWF}`), gzipSync(SWF.replace('1', '2'))]);
    expect((await readTrace(await file(members))).jobs.map(({ id }) => id)).toEqual(['1', '2']);
  });

  it('passes the options on', async () => {
    const path = await file('1 0 -1 10 4 -1 -1 -1 5 -1 1 -1 -1 -1 -1 -1 -1 -1');
    expect((await readTrace(path)).jobs[0]?.run).toBe(5);
    expect((await readTrace(path, { cutToLimit: false })).jobs[0]?.run).toBe(10);
  });

  it('names file, line and field of what is wrong', async () => {
    const trace = `${SWF}\n${SWF.replace('10', 'ten')}`;
    const message = ', line 3: run time (column 4): "ten" is not a number; correct or remove the record';
    expect(await refusal(await file(trace))).toBe(message);
    expect(await refusal(await file(gzipSync(trace)))).toBe(message);
  });

  it.each<[string, string | Buffer, RegExp]>([
    ['an empty file', '', /^: is empty/],
    ['blank lines', '\n \n', /^: is empty/],
    ['gzip of nothing', gzipSync(''), /^: is empty/],
    ['gzip that ends early', gzipSync(TEXT).subarray(0, -1000), /^: the gzip data end too early; copy the file again/],
    ['gzip without a body', gzipSync(TEXT).subarray(0, 2), /^: the gzip data end too early/],
    [
      'gzip with a wrong checksum',
      Buffer.concat([gzipSync(TEXT).subarray(0, -8), Buffer.alloc(8)]),
      /^: the gzip data are damaged; copy the file again/,
    ],
    ['binary', Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), /^: is binary/],
    ['UTF-16', Buffer.from(SWF, 'utf16le'), /^: is binary/],
    ['zip', Buffer.from('PK\u0003\u0004rest'), /^: is packed with zip; unpack it/],
    ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 4]), /^: is packed with zstd/],
    ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]), /^: is packed with xz/],
    ['prose', 'To be, or not to be\n', /^, line 1: is no trace that is known/],
    ['one endless line', '1 '.repeat(2_000_000), /^, line 1: a line of over a million characters/],
  ])('refuses %s', async (_, content, message) => {
    expect(await refusal(await file(content))).toMatch(message);
  });

  it('refuses what is no file that can be read', async () => {
    expect(await refusal(join(folder, 'none'))).toMatch(/^: there is no such file/);
    expect(await refusal(join(await file(SWF), 'below'))).toMatch(/^: a part of this path is no directory/);
    const directory = join(folder, 'directory');
    await mkdir(directory);
    expect(await refusal(directory)).toMatch(/^: is a directory/);
  });

  it.runIf(process.getuid?.() !== 0)('refuses a file that it may not read', async () => {
    const path = await file(SWF, 'secret');
    await chmod(path, 0);
    expect(await refusal(path)).toMatch(/^: may not be read; check the permissions/);
  });

  it.runIf(process.platform === 'linux')('names the system error of a file that fails to be read', async () => {
    // Reading a process's memory from address 0 is an I/O error.
    expect(await refusal('/proc/self/mem')).toMatch(/^: cannot be read \(EIO\)/);
  });

  it.runIf(process.platform === 'linux')('reads from a pipe', async () => {
    const path = join(folder, 'pipe');
    execFileSync('sh', ['-c', 'mkfifo "$0"', path]);
    const [workload] = await Promise.all([readTrace(path), writeFile(path, gzipSync(SWF))]);
    expect(workload.jobs).toHaveLength(1);
  });

  it('leaves its own errors alone', async () => {
    await expect(readTrace(undefined as unknown as string)).rejects.toThrow(TypeError);
  });

  it('writes a path with control characters in one line', async () => {
    await expect(readTrace(join(folder, 'a\nb'))).rejects.toThrow(/a\\nb": there is no such file/);
  });
});
