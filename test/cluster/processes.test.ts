import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Processes } from './processes.ts';
import { until } from './sh.ts';

let folder = '';
let processes: Processes;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'coxswain-processes-'));
  processes = new Processes(folder);
});

afterEach(async () => {
  for (const name of await processes.names()) await processes.remove(name);
  await rm(folder, { recursive: true, force: true });
});

it('knows a process again from its record alone', async () => {
  await processes.start({ name: 'one', argv: ['sleep', '60'] });
  const later = new Processes(folder);
  expect(await later.names()).toEqual(['one']);
  expect(await later.state('one')).toBe('running');
  await later.signal('one', 'SIGSTOP');
  await until('the process to stop', 5000, async () => (await later.state('one')) === 'stopped');
  await later.kill('one');
  expect(await later.state('one')).toBe('dead');
  expect(await later.pid('one')).toBeUndefined();
});

it('passes arguments on unharmed and logs what the process says', async () => {
  await processes.start({ name: 'echo', argv: ['printf', '%s|', 'a b', "c'd", '*', '$HOME'] });
  const said = await until('the line', 5000, async () => (await readFile(processes.log('echo'), 'utf8')) || undefined);
  expect(said).toBe("a b|c'd|*|$HOME|");
});

it('never takes a recycled pid for its own process', async () => {
  const stranger = spawn('sleep', ['60']);
  try {
    await processes.start({ name: 'one', argv: ['sleep', '60'] });
    await processes.kill('one');
    // As if the kernel had given the dead process's pid to a stranger; at clock tick 1 nothing of ours ran.
    await writeFile(join(folder, 'processes', 'one.pid'), `${stranger.pid} 1\n`);
    expect(await processes.state('one')).toBe('dead');
    expect(await processes.signal('one', 'SIGKILL')).toBe(false);
    await processes.kill('one');
    expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

it('starts again what is dead or should run with other arguments, and nothing else', async () => {
  const spec = { name: 'one', argv: ['sleep', '60'] };
  await processes.ensure(spec);
  const first = await processes.pid('one');
  await processes.ensure(spec);
  expect(await processes.pid('one')).toBe(first);
  await processes.ensure({ name: 'one', argv: ['sleep', '61'] });
  const second = await processes.pid('one');
  expect(second).not.toBe(first);
  await processes.restart('one');
  expect(await processes.pid('one')).not.toBe(second);
  // The record is written a moment before the process becomes the program.
  const command = async (): Promise<string> => await readFile(`/proc/${await processes.pid('one')}/cmdline`, 'utf8');
  await until('the new arguments', 5000, async () => (await command()) === 'sleep\x0061\0');
});

it('says which log to read when a program cannot start', async () => {
  await expect(processes.start({ name: 'none', argv: ['/no/such/program'] }, ['/bin/false'])).rejects.toThrow(
    /none ended at once; see .*none\.log/,
  );
});
