import { mkdirSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildKernels, buildTwins } from '../../kernels/build.ts';
import { checkpointContract } from './checkpoint.ts';
import { canPretendMemory, runWithMemory } from './memory.ts';
import { freePort, planOf, resultOf, run, skip, start } from './run.ts';

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('surrogate', () => {
  let surrogate = '';
  let twin = '';
  const folder = mkdtempSync(join(tmpdir(), 'coxswain-surrogate-'));
  const data = join(folder, 'data');
  const quick = ['--data', data, '--steps', '120', '--width', '24', '--target', '2'];

  beforeAll(async () => {
    const kernels = await buildKernels();
    surrogate = kernels.surrogate;
    twin = (await buildTwins()).surrogate;
    resultOf(await run(kernels.heat, ['--n', '32', '--steps', '400', '--alpha', '0.5,1,1.5,2', '--output', data]));
  }, 600_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** Starts all ranks on one machine; returns the started processes in the order of ranks. */
  const launch = async (
    ranks: number,
    args: readonly string[],
    names = ['RANK', 'WORLD_SIZE'],
    program = surrogate,
    env: Record<string, string> = {},
  ) => {
    const port = String(await freePort());
    return Array.from({ length: ranks }, (_, rank) =>
      start(program, args, {
        ...env,
        MASTER_ADDR: '127.0.0.1',
        MASTER_PORT: port,
        [names[0] ?? '']: String(rank),
        [names[1] ?? '']: String(ranks),
      }),
    );
  };
  const train = async (ranks: number, args: readonly string[], names?: string[]) =>
    Promise.all((await launch(ranks, args, names)).map(async ({ done }) => done));

  test('learns fields it has never seen, with the default arguments', async () => {
    const model = join(folder, 'model');
    const result = resultOf(await run(surrogate, ['--data', data, '--output', model]));
    expect(result).toMatchObject({ kernel: 'surrogate', verified: true });
    expect(result.check.name).toContain('validation RMSE');
    expect(readFileSync(join(model, 'surrogate.cxm')).subarray(0, 6).toString()).toBe('CXMLP1');
  });

  test('trains to the same bits on 1, 2, 3 and 5 ranks, and only rank 0 reports', async () => {
    const alone = resultOf(await run(surrogate, quick));
    for (const ranks of [2, 3, 5]) {
      const finished = await train(ranks, quick);
      expect(finished.map(({ code }) => code)).toEqual(Array.from({ length: ranks }, () => 0));
      for (const other of finished.slice(1)) expect(other.stdout).toBe('');
      const result = finished[0] && resultOf(finished[0]);
      expect(result).toMatchObject({ verified: true, ranks });
      expect(result?.check.hash).toBe(alone.check.hash);
      expect(result?.check.value).toBe(alone.check.value);
    }
  });

  test('finds its place by NODE_RANK and NNODES where RANK is not given', async () => {
    const [first] = await train(2, quick, ['NODE_RANK', 'NNODES']);
    expect(first && resultOf(first).ranks).toBe(2);
  });

  test.each([1, 2, 3])('--plan knows what %i ranks will count', async (ranks) => {
    const [first] = await train(ranks, quick);
    expect(await planOf(surrogate, [...quick, '--ranks', String(ranks)])).toEqual(first && resultOf(first).work);
  });

  test('a backward pass that forgets a derivative fails the finite-difference check', async () => {
    const finished = await run(twin, [...quick, '--break', 'gradient']);
    expect(finished.code).toBe(3);
    expect(resultOf(finished)).toMatchObject({ verified: false, check: { name: 'finite-difference gradient error' } });
  });

  test('replicas that miss one allreduce are found out, on every rank', async () => {
    const started = await launch(2, [...quick, '--break', 'allreduce'], undefined, twin);
    const finished = await Promise.all(started.map(({ done }) => done));
    expect(finished.map(({ code }) => code)).toEqual([3, 3]);
    expect(finished[0] && resultOf(finished[0])).toMatchObject({
      verified: false,
      check: { name: 'replicas that differ from rank 0', value: 1 },
    });
  });

  test('a network that has not learned enough is not verified', async () => {
    const finished = await run(surrogate, ['--data', data, '--steps', '3']);
    expect(finished.code).toBe(3);
    expect(resultOf(finished).verified).toBe(false);
  });

  test('refuses missing, damaged and cut data sets, each in one line', async () => {
    const refused = async (path: string, code: number, message: string) => {
      const finished = await run(surrogate, ['--data', path]);
      expect(finished.code).toBe(code);
      expect(finished.stderr).toContain(message);
      expect(finished.stderr.trimEnd().split('\n')).toHaveLength(1);
    };
    const whole = readFileSync(join(data, 'heat.cxd'));
    const variant = (name: string, bytes: Buffer) => {
      const path = join(folder, name);
      writeFileSync(path, bytes);
      return path;
    };
    const flipped = Buffer.from(whole);
    flipped[5000] = (flipped[5000] ?? 0) ^ 1;
    const grown = Buffer.from(whole);
    grown.writeUInt32LE(0xffffffff, 24);
    await refused(join(folder, 'none'), 5, 'No such file or directory');
    await refused(variant('flipped', flipped), 6, 'the checksum differs');
    await refused(variant('cut', whole.subarray(0, 4000)), 6, 'its header says otherwise');
    await refused(variant('empty', Buffer.alloc(0)), 6, 'only 0 bytes');
    await refused(variant('grown', grown), 6, 'impossible header');
    await refused(variant('other', Buffer.alloc(4000, 'x')), 6, 'wrong magic');
  });

  test.each([
    ['a batch that 16 does not divide', ['--batch', '40'], {}, '16 does not divide --batch 40'],
    ['zero steps', ['--steps', '0'], {}, '--steps must be between'],
    ['more ranks than shards', ['--batch', '16'], { RANK: '0', WORLD_SIZE: '2' }, '2 ranks do not fit --batch 16'],
    ['a rank outside the world', [], { RANK: '2', WORLD_SIZE: '2' }, 'RANK must be an integer between 0 and 1'],
  ])('refuses %s', async (_, args, env, message) => {
    const finished = await run(surrogate, ['--data', data, ...args], env);
    expect(finished.code).toBe(2);
    expect(finished.stderr).toContain(message);
  });

  test('refuses a data set that does not fit in memory twice, before reading it', async () => {
    const path = join(folder, 'large');
    mkdirSync(path);
    writeFileSync(join(path, 'heat.cxd'), '');
    truncateSync(join(path, 'heat.cxd'), 2 ** 42); // 4 TiB of nothing: the file takes no room
    const { code, stdout, stderr } = await run(surrogate, ['--data', path]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(
      /^surrogate: too large: one node would need 8192\.0 GiB \(8796093022208 bytes\) and has \S+ GiB \(\d+ bytes\)\n$/,
    );
  });

  describe.skipIf(!canPretendMemory)('where memory is small', () => {
    const wide = [...quick, '--width', '1400', '--batch', '16', '--steps', '1', '--target', '1000'];
    const needed = async (args: readonly string[]): Promise<number> => {
      const { code, stdout, stderr } = await runWithMemory(2 ** 20, surrogate, args);
      expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
      const words =
        /^surrogate: too large: one node would need \S+ GiB \((\d+) bytes\) and has 0.0 GiB \(1048576 bytes\)\n$/;
      return Number(words.exec(stderr)?.[1]);
    };

    test('refuses a network that does not fit, before anything else', async () => {
      // 252 million parameters.
      expect(await needed(['--data', '/nowhere', '--width', '4096', '--depth', '16'])).toBeGreaterThan(15e9);
    });

    test.each([
      ['', []],
      [' that saves its state', ['--checkpoint', join(folder, 'small'), '--checkpoint-every', '1']],
    ])('asks for as much as a training%s takes', async (_, more) => {
      const bytes = await needed([...wide, ...more]);
      // Nothing can be allocated beyond; what is freed goes back at once. The program itself, and the allocator, take some.
      const limited = ['-c', 'ulimit -v "$0" && exec "$@"', String(Math.ceil(bytes / 1024) + 12_288), surrogate];
      const finished = await run('sh', [...limited, ...wide, ...more], { MALLOC_MMAP_THRESHOLD_: '65536' });
      expect(finished).toMatchObject({ code: 0, stderr: '' });
    });
  });

  test.each([
    [
      'a folder for the network that cannot be made',
      ['--output', '/proc/none'],
      {},
      'cannot make directory /proc/none',
    ],
    ['an unwritable log', [], { COXSWAIN_TERMINATION_LOG: '/proc/none' }, 'cannot write the result to /proc/none'],
  ])('refuses %s on all ranks before the training, each in one line', async (_, args, env, message) => {
    const started = await launch(2, [...quick, '--steps', '1000000', ...args], undefined, surrogate, env);
    for (const finished of await Promise.all(started.map(async ({ done }) => done))) {
      expect(finished).toMatchObject({ code: 5, stdout: '' });
      expect(finished.stderr.trimEnd().split('\n')).toEqual([expect.stringContaining(`surrogate: ${message}`)]);
    }
  });

  test('says so when asked for a GPU that it was not built for', async () => {
    const { code, stdout, stderr } = await run(surrogate, ['--backend', 'cuda', '--data', data]);
    expect({ code, stdout }).toEqual({ code: 10, stdout: '' });
    expect(stderr).toContain('surrogate: --backend cuda: this program was built without CUDA');
  });

  test('gives up on peers that never call, naming them', async () => {
    const port = String(await freePort());
    const env = { RANK: '0', WORLD_SIZE: '3', MASTER_PORT: port };
    const finished = await run(surrogate, [...quick, '--timeout', '1'], env);
    expect(finished.code).toBe(7);
    expect(finished.stderr).toContain('rank 1, 2 did not call within 1 s');
  });

  test('a stranger at the meeting point is turned away, and the training goes on', async () => {
    const port = await freePort();
    const rank = (index: number) =>
      start(surrogate, quick, { RANK: String(index), WORLD_SIZE: '2', MASTER_PORT: String(port) });
    const first = rank(0);
    // Dials until rank 0 listens, then says something that is no greeting.
    const stranger = new Promise<void>((resolve) => {
      const dial = () => {
        const socket = connect(port, '127.0.0.1', () => {
          socket.end('GET / HTTP/1.1\r\n\r\n'.padEnd(200)).on('close', () => resolve());
        });
        socket.on('error', () => socket.bytesWritten === 0 && setTimeout(dial, 50));
        socket.resume();
      };
      dial();
    });
    await stranger;
    const finished = await Promise.all([first.done, rank(1).done]);
    expect(finished.map(({ code }) => code)).toEqual([0, 0]);
  });

  test('a killed peer ends the others with 7', async () => {
    const [first, second, third] = await launch(3, [...quick, '--steps', '30000']);
    await new Promise((resolve) => first?.child.stdout.once('data', resolve));
    second?.child.kill('SIGKILL');
    const finished = await Promise.all([first?.done, third?.done]);
    for (const rank of finished) {
      expect(rank?.code).toBe(7);
      expect(rank?.stderr).toContain('lost a neighbour');
    }
  });

  test('refuses a peer of another attempt', async () => {
    const port = String(await freePort());
    const rank = (index: number, args: string[]) =>
      start(surrogate, args, {
        RANK: String(index),
        WORLD_SIZE: '2',
        MASTER_PORT: port,
        COXSWAIN_ATTEMPT: String(index),
      });
    const [first, second] = await Promise.all([rank(0, quick).done, rank(1, quick).done]);
    expect([first.code, second.code]).toEqual([7, 7]);
    expect(first.stderr).toContain('another attempt');
  });

  test('stops on SIGTERM with 143 on every rank, whichever was asked', async () => {
    const [first, second] = await launch(2, [...quick, '--steps', '30000']);
    await new Promise((resolve) => first?.child.stdout.once('data', resolve));
    second?.child.kill('SIGTERM');
    const finished = await Promise.all([first?.done, second?.done]);
    for (const rank of finished) {
      expect(rank?.code).toBe(143);
      expect(rank?.stderr).toContain('stopped by SIGTERM after step');
    }
  });

  const checkpointed = { folder, program: () => surrogate };
  checkpointContract(checkpointed, [...quick, '--steps', '2500'], 250, ['--seed', '2'], {
    pair: async (program, args, env) => {
      const finished = (await launch(2, args, undefined, program, env)).map(({ done }) => done);
      const [first, second] = await Promise.all(finished);
      expect(second?.code).toBe(first?.code); // what rank 0 cannot use, no rank can
      return first ?? expect.fail('no rank 0');
    },
    startPair: async (program, args) => {
      const started = await launch(2, args, undefined, program);
      return {
        kill: (rank) => void started[rank]?.child.kill('SIGKILL'),
        done: Promise.all(started.map(async ({ done }) => done)),
      };
    },
    files: ['state'],
  });

  test('ranks of which only one saves checkpoints are not of one run', async () => {
    const port = String(await freePort());
    const rank = (index: number, args: string[]) =>
      start(surrogate, args, { RANK: String(index), WORLD_SIZE: '2', MASTER_PORT: port });
    const saving = [...quick, '--checkpoint', join(folder, 'only-one')];
    const finished = await Promise.all([rank(0, saving).done, rank(1, quick).done]);
    expect(finished.map(({ code }) => code)).toEqual([7, 7]);
  });
});
