// Real JAX and real torch.distributed on CPU, in pods with the environment that the operator renders: a short data-parallel
// training on two members, which ends with the same loss whether it runs through, is stopped after a checkpoint, or loses a
// member. Part of the full set: it installs a Debian with torch, and downloads JAX (together 1 GB, once).

import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pythonPackages } from '../../images/pythonPackages.ts';
import { userLand } from '../../images/userLand.ts';
import { environmentOf } from '../../operator/render/environment.ts';
import { gangOf } from '../render/gang.ts';
import { buildLauncher, missing } from './build.ts';
import { JAX } from './frameworks/packages.ts';
import type { Ended } from './gang.ts';
import { Pods } from './pods.ts';

const full = process.env['COXSWAIN_FULL'] === '1';
const reason = full
  ? missing(['make', 'gcc', 'python3', 'ip', 'unshare', 'nsenter', 'setpriv'], true)
  : 'part of the full set';

const STEPS = 60;

/** Environment of a member's attempt as the operator renders it; cx-launch's own part is the pods' business. */
function environment(member: number, restarts: number, framework: 'jax' | 'none'): Record<string, string> {
  const volumes = [{ name: 'scratch', path: '/mnt/ckpt', persistentVolumeClaim: { claimName: 'scratch' } }];
  const { job, ...gang } = gangOf(
    { nodes: 2, framework, volumes, checkpoint: { volume: 'scratch', path: 'run' } },
    'TrainingJob',
  );
  const assignment = { ...gang.assignment, name: 'crew', members: 2 };
  const rendered = environmentOf({ ...gang, job: { ...job, status: { ...job.status, restarts } }, assignment }, member);
  return Object.fromEntries(rendered.filter((e) => !e.name.startsWith('CX_')).map((e) => [e.name, e.value ?? '']));
}

const frameworks = [
  { name: 'JAX', framework: 'jax', script: 'train_jax.py', packages: JAX },
  { name: 'torch', framework: 'none', script: 'train_torch.py', packages: [] },
] as const;

describe.each(frameworks)(
  '$name',
  { timeout: 180_000, skip: reason !== undefined },
  ({ framework, script, packages }) => {
    let launcher = '';
    let root = '';
    let python = '';
    const volumes: string[] = [];
    const attempts: Pods[] = [];

    beforeAll(async () => {
      launcher = await buildLauncher();
      root = await userLand('bookworm', ['python3-torch', 'procps'], console.warn);
      if (packages.length > 0) python = await pythonPackages('3.11', packages, console.warn);
    }, 1_800_000);

    afterAll(async () => {
      for (const pods of attempts) await pods.close();
      for (const volume of volumes) rmSync(volume, { recursive: true });
    });

    /** A volume that survives the attempts. */
    function volume(): string {
      const folder = mkdtempSync(join(tmpdir(), 'cx-checkpoints-'));
      chmodSync(folder, 0o777);
      volumes.push(folder);
      return folder;
    }

    /** One attempt of the training, `pause` seconds between its steps. */
    async function attempt(ckpt: string, restarts: number, pause: number): Promise<Pods> {
      const shares = { ckpt, scripts: join(import.meta.dirname, 'frameworks'), ...(python !== '' && { python }) };
      const env = (member: number) => ({
        ...environment(member, restarts, framework),
        ...(python !== '' && { PYTHONPATH: '/mnt/python' }),
        PYTHONDONTWRITEBYTECODE: '1',
      });
      const pods = await Pods.prepare(launcher, {
        members: 2,
        procs: 1,
        root,
        launch: 'direct',
        grace: 5,
        env,
        shares,
      });
      attempts.push(pods);
      pods.startAll('python3', `/mnt/scripts/${script}`, String(STEPS), String(pause));
      return pods;
    }

    async function finished(pods: Pods): Promise<{ loss: number; first: number; processes: number }> {
      const head: Ended = await pods.ended(0);
      expect(head.outcome).toMatchObject({ outcome: 'succeeded', cause: 'Completed' });
      return head.outcome?.result as { loss: number; first: number; processes: number };
    }

    /** Runs until a checkpoint that the signal asked for is there, and does this to the attempt. */
    async function disturbed(ckpt: string, disturb: (pods: Pods) => Promise<void>): Promise<void> {
      const pods = await attempt(ckpt, 0, 0.25);
      await pods.printed(0, 'step 10 of 2 processes');
      expect(await pods.ask('signal USR1')).toBe('ok');
      await pods.printed(0, 'saved step-');
      await disturb(pods);
    }

    let undisturbed: Promise<number> | undefined;
    /** The loss of a run that nobody disturbs. */
    const expected = () =>
      (undisturbed ??= attempt(volume(), 0, 0)
        .then(finished)
        .then((result) => {
          expect(result).toMatchObject({ first: 0, processes: 2 });
          return result.loss;
        }));

    /** The next attempt goes on from the checkpoint and ends as the undisturbed run did, to the last bit. */
    async function resumes(ckpt: string): Promise<void> {
      const latest = readFileSync(join(ckpt, 'run/LATEST'), 'utf8').trim();
      const pods = await attempt(ckpt, 1, 0);
      const result = await finished(pods);
      expect(`step-${String(result.first).padStart(6, '0')}`).toBe(latest);
      expect(result.first).toBeGreaterThanOrEqual(10);
      expect(result.loss).toBe(await expected());
    }

    test('learns', async () => {
      expect(await expected()).toBeLessThan(0.2);
    });

    test('saves when asked, is stopped, and goes on from LATEST to the same loss', async () => {
      const ckpt = volume();
      await disturbed(ckpt, async (pods) => {
        expect(await pods.ask('stop make room')).toBe('ok');
        expect((await pods.ended(0)).outcome).toMatchObject({ outcome: 'stopped', cause: 'Stopped' });
      });
      await resumes(ckpt);
    });

    test('saves when asked, loses a member, and goes on from LATEST to the same loss', async () => {
      const ckpt = volume();
      await disturbed(ckpt, async (pods) => {
        pods.signal(1, 'SIGKILL');
        expect((await pods.ended(0)).outcome).toMatchObject({
          outcome: 'failed',
          cause: 'MemberLost',
          failedMember: 1,
        });
      });
      await resumes(ckpt);
    });
  },
);
