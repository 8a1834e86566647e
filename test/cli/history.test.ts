import { readdir, readFile } from 'node:fs/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Run } from '../../predictors/run.ts';
import { run } from '../predictors/history/runs.ts';
import { coxswain, Folder, NOW, SMALL, swf } from './terminal.ts';

const HEADER = '{"format":"coxswain-history","version":1}';

const lines = (runs: readonly unknown[]): string =>
  `${[HEADER, ...runs.map((one) => JSON.stringify(one))].join('\n')}\n`;

/** `count` runs that end an hour apart, the last an hour ago. */
const RUNS: readonly Run[] = Array.from({ length: 4 }, (_, i) => {
  const endedAt = NOW - 3600 * (4 - i);
  return run({ uid: `run-${i}`, submittedAt: endedAt - 100, startedAt: endedAt - 60, endedAt, user: `user-${i % 2}` });
});

const SACCT = [
  'JobIDRaw|Cluster|User|Account|Partition|Submit|Start|End|State|TimelimitRaw|NNodes|NCPUS|JobName|SubmitLine',
  '7|alpha|ann|physics|gpu|2025-06-01T10:00:00|2025-06-01T10:05:00|2025-06-01T11:00:00|COMPLETED|120|2|64|heat|sbatch run.sh 512',
  '8|alpha|ann|physics|gpu|2025-06-01T10:00:00|Unknown|Unknown|PENDING|120|2|64|heat|sbatch run.sh 512',
  '',
].join('\n');

let folder: Folder;
let at: string;
beforeEach(async () => {
  folder = await Folder.make();
  at = folder.at('history.db');
});
afterEach(async () => await folder[Symbol.asyncDispose]());

const history = async (...args: string[]) => await coxswain(['history', ...args]);

async function imported(...files: string[]) {
  return await history('import', '--at', at, ...files);
}

async function figures(...args: string[]): Promise<unknown> {
  const { code, out, err } = await history(...args, '--json');
  expect([code, err]).toEqual([0, '']);
  return JSON.parse(out.trimEnd().split('\n').at(-1) ?? '').figures;
}

async function exported(): Promise<readonly Run[]> {
  const { out } = await history('export', '--at', at);
  return out
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => JSON.parse(line) as Run);
}

describe('history import', () => {
  test('an export comes back as it was, and a second import adds nothing', async () => {
    const file = await folder.file('runs.jsonl', lines(RUNS));
    expect(await imported(file)).toEqual({ code: 0, out: `${file} (jsonl): 4 runs stored\n`, err: '' });
    expect(await imported(file)).toMatchObject({ out: `${file} (jsonl): 0 runs stored, 4 there already\n` });
    expect(await exported()).toEqual(RUNS);
  });

  test('kinds of files are told by their first lines; gzip is unpacked', async () => {
    const trace = await folder.file('machine.txt.gz', gzipSync(swf(SMALL, '; UnixStartTime: 1000000\n')));
    const dump = await folder.file('jobs.csv', SACCT);
    const { out } = await imported(trace, dump);
    expect(out).toBe(
      `${trace} (swf): 4 runs stored\n${dump} (sacct): 1 run stored, 1 line left out: 1 × not over\n  line 3: not over\n`,
    );
    const runs = await exported();
    expect(runs.map(({ uid }) => uid).toSorted()).toEqual([
      'slurm/alpha/7',
      'swf/machine/1',
      'swf/machine/2',
      'swf/machine/3',
      'swf/machine/4',
    ]);
    expect(runs.find(({ uid }) => uid === 'swf/machine/1')).toMatchObject({ submittedAt: 1_000_000, ranks: 6 });
  });

  test('the wait of a trace lies between submission and start', async () => {
    const record = '1 100 50 200 4 -1 -1 4 300 -1 1 7 -1 -1 -1 -1 -1 -1\n';
    await imported(await folder.file('waits.swf', record));
    expect(await exported()).toMatchObject([{ submittedAt: 100, startedAt: 150, endedAt: 350, user: 'waits/7' }]);
  });

  test('a dump’s clock may be ahead of UTC, and its cluster has a name', async () => {
    const file = await folder.file('jobs.txt', SACCT.replace('Cluster|', '').replaceAll('alpha|', ''));
    await history('import', '--at', at, file, '--cluster', 'beta', '--utc-offset=+02:00');
    expect(await exported()).toMatchObject([{ uid: 'slurm/beta/7', endedAt: Date.UTC(2025, 5, 1, 9) / 1000 }]);
  });

  test('lines that are no run are left out, counted by kind, and named', async () => {
    const bad = [{ ...RUNS[0], uid: 'x', nodes: 0 }, { ...RUNS[0], uid: 'y', nodes: -1 }, { uid: 'z' }];
    const file = await folder.file('runs.jsonl', `${lines([...RUNS, ...bad])}{"uid":\n`);
    const { code, out } = await imported(file);
    expect(code).toBe(0);
    expect(out.split('\n')[0]).toBe(
      `${file} (jsonl): 4 runs stored, 4 lines left out: 2 × nodes, 1 × not JSON, 1 × kind`,
    );
    expect(out).toMatch(/^ {2}line 9: is not JSON$/m);
    const json = JSON.parse((await history('import', '--at', at, file, '--json')).out);
    expect(json).toMatchObject({ name: 'history import', figures: { files: 1, stored: 0, known: 4, refused: 4 } });
    expect(json.files[0].counts).toEqual({ nodes: 2, 'not JSON': 1, kind: 1 });
  });

  const packed = gzipSync(lines(Array.from({ length: 500 }, (_, i) => run({ uid: `run-${i}` }))));

  test.each<[string, string | Uint8Array, string]>([
    ['cut.jsonl.gz', packed.subarray(0, packed.length - 20), 'the gzip data end too early; copy the file again'],
    ['empty.swf', '', 'is empty; give an export of a history, an SWF trace or a dump of sacct'],
    ['blank.txt', '\n\n', 'is empty; give an export of a history, an SWF trace or a dump of sacct'],
    ['binary.swf', new Uint8Array([127, 69, 76, 70, 0, 1]), 'is binary; give UTF-8 text, plain or gzipped'],
    [
      'text.txt',
      'Dear all,\n',
      'does not begin like an export, an SWF trace or a dump of sacct; if it is one, history import --from says which',
    ],
    [
      'narrow.swf',
      '1 2 3\n4 5 6\n',
      'there is no run in 2 lines (2 × columns), e.g. line 1: 3 columns where SWF has 18; write -1 for what is unknown',
    ],
    [
      'words.swf',
      '1 soon -1 5 4 -1 -1 4 300 -1 1 7 -1 -1 -1 -1 -1 -1\n',
      'there is no run in 1 line (1 × submit time), e.g. line 1: submit time (column 2): "soon" is not a number; correct or remove the record',
    ],
    [
      'jobs.txt',
      'JobIDRaw|State|Start\n1|COMPLETED|5\n',
      'the first line names no column Submit, End; give the output of sacct --parsable2 with its header',
    ],
    [
      'other.jsonl',
      '{"a":1}\n',
      'the first line is not the header of an export; give a file that an export wrote, whole',
    ],
    [
      'newer.jsonl',
      '{"format":"coxswain-history","version":9}\n',
      'the export is of version 9, this program knows 1; use the newer program',
    ],
    ['none.jsonl', `${HEADER}\nx\n`, 'there is no run in 1 line (1 × not JSON), e.g. line 2: is not JSON'],
  ])('%s is refused in one line', async (name, content, message) => {
    const file = await folder.file(name, content);
    expect(await imported(file)).toEqual({ code: 2, out: '', err: `kubectl-coxswain history: ${file}: ${message}\n` });
  });

  test('no file is touched where another is none of ours', async () => {
    const good = await folder.file('runs.jsonl', lines(RUNS));
    expect(await imported(good, folder.at('nowhere.swf'))).toMatchObject({ code: 2, out: '' });
    expect(await readdir(folder.path)).toEqual(['runs.jsonl']);
  });
});

describe('history export', () => {
  test('into a file, gzipped by its name; nothing unfinished is left', async () => {
    await imported(await folder.file('runs.jsonl', lines(RUNS)));
    const out = folder.at('copy.jsonl.gz');
    const { code, out: said, err } = await history('export', '--at', at, '--out', out);
    expect([code, said, err]).toEqual([0, '', `4 runs exported to ${out}\n`]);
    const { out: text } = await history('export', '--at', at);
    expect(gunzipSync(await readFile(out)).toString()).toBe(text);
    expect(await figures('export', '--at', at, '--out', folder.at('plain.jsonl'))).toEqual({ runs: 4 });
    expect(await readFile(folder.at('plain.jsonl'), 'utf8')).toBe(text);
    expect((await readdir(folder.path)).filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  test('a folder that is not there is named', async () => {
    await imported(await folder.file('runs.jsonl', lines(RUNS)));
    const out = folder.at('no/such/file');
    const { code, err } = await history('export', '--at', at, '--out', out);
    expect([code, err]).toEqual([
      2,
      `kubectl-coxswain history: ${out}: there is no such file; name a file that can be written with --out\n`,
    ]);
  });
});

describe('history show and prune', () => {
  test('tell how many, from when to when, and what there is to learn from', async () => {
    const predicted = { q10: 1, q50: 30, q75: 40, q90: 59, q95: 70, z: 0.2, by: 'near' };
    const known = run({ ...RUNS[3], uid: 'known', joules: 5, joulesSource: 'result', predicted });
    const cut = run({
      ...RUNS[3],
      uid: 'cut',
      censored: true,
      outcome: 'timeLimit',
      joules: 5,
      joulesSource: 'estimate',
    });
    await imported(await folder.file('runs.jsonl', lines([...RUNS, known, cut])));
    expect(await figures('show', '--at', at)).toEqual({
      runs: 6,
      firstEnd: NOW - 14_400,
      lastEnd: NOW - 3600,
      bytes: expect.any(Number),
      recentRuns: 6,
      users: 2,
      programs: 1,
      censored: 1,
      measured: 1,
      predicted: 1,
      coverage: 0,
    });
    const { out } = await history('show', '--at', at);
    expect(out).toMatch(/^6 runs, .* MiB; ended from 2025-12-31T20:00:00.000Z to 2025-12-31T23:00:00.000Z$/m);
    expect(out).toMatch(/^ {2}2 users, 1 program$/m);
  });

  test('the runs that ended first go, by age and by number', async () => {
    await imported(await folder.file('runs.jsonl', lines(RUNS)));
    const { out } = await history('prune', '--at', at, '--days', '0.13');
    expect(out).toBe('1 run deleted, 3 runs left\n');
    expect(await figures('prune', '--at', at, '--runs', '1')).toEqual({ deleted: 2, runs: 1 });
    expect((await exported()).map(({ uid }) => uid)).toEqual(['run-3']);
  });

  test('a file without runs says so', async () => {
    await folder.file('history.db', '');
    expect((await history('show', '--at', at)).out).toMatch(/^no runs, /);
  });
});

describe('--at', () => {
  test.each([
    [['show'], '--at FILE|URL is missing: the history that is meant'],
    [['show', '--at', ':memory:'], '--at FILE|URL is missing: the history that is meant'],
    [[], 'say what to do first: show, import, export, prune'],
    [['--at', 'x'], 'say what to do first: show, import, export, prune'],
    [['improt'], 'there is no action "improt"; did you mean import?'],
    [['import', '--at', 'x'], 'FILE… is missing; --help shows the forms'],
    [['import', '--at', 'x', 'f', '--from', 'csv'], '--from: there is no "csv"; there are jsonl, swf, sacct'],
    [
      ['import', '--at', 'x', 'f', '--utc-offset', 'CET'],
      '--utc-offset: "CET" is no offset; write e.g. --utc-offset=-05:00',
    ],
    [['prune', '--at', 'x'], 'give --days N, --runs N or both: what is to be kept'],
    [['export', '--at', 'x', '--json'], '--json needs --out FILE: the runs themselves are JSON lines'],
    [
      ['show', '--at', 'mysql://u:secret@h/x'],
      'the history cannot be kept at mysql://…; give a file, or a URL that begins with postgresql://',
    ],
    [
      ['show', '--at', 'postgresql://u:secret@127.0.0.1:1/x'],
      'PostgreSQL does not answer: connect ECONNREFUSED 127.0.0.1:1; check the server and the URL',
    ],
  ])('%j is refused in one line', async (args, message) => {
    expect(await history(...args)).toEqual({ code: 2, out: '', err: `kubectl-coxswain history: ${message}\n` });
  });

  test('neither makes a file by a slip nor moves one aside', async () => {
    const file = await folder.file('notes.txt', 'a text that is no database');
    const none = folder.at('none.db');
    const refusals = [
      await history('show', '--at', file),
      await history('import', '--at', file, await folder.file('runs.jsonl', lines(RUNS))),
      await history('export', '--at', none),
    ];
    expect(refusals.map(({ code, err }) => [code, err])).toEqual([
      [2, `kubectl-coxswain history: ${file}: is no history; history import makes one of exports, traces and dumps\n`],
      [
        2,
        `kubectl-coxswain history: ${file}: is another file, no history; name a new file with --at, it will be made\n`,
      ],
      [2, `kubectl-coxswain history: ${none}: there is no such file; name the file of a history with --at\n`],
    ]);
    expect((await readdir(folder.path)).toSorted()).toEqual(['notes.txt', 'runs.jsonl']);
  });

  test('leaves a damaged history where it is', async () => {
    await imported(await folder.file('runs.jsonl', lines(RUNS)));
    const whole = await readFile(at);
    await folder.file('history.db', Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 0x5a)]));
    const { code, err } = await history('show', '--at', at);
    expect([code, err]).toEqual([
      2,
      `kubectl-coxswain history: the history ${at} is damaged; sqlite3 ${at} .recover saves what can be saved\n`,
    ]);
    expect((await readdir(folder.path)).filter((name) => name.includes('damaged'))).toEqual([]);
  });
});
