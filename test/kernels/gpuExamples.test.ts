import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import { version } from '../../images/recipe.ts';
import { buildCuda, type CudaName, type CudaPrograms, cudaNames } from '../../kernels/cuda/build.ts';
import { hasCompiler } from '../../kernels/cuda/compiler.ts';
import { memberRequest, type Program, procsPerNode } from '../../operator/core/job.ts';
import { renderPod } from '../../operator/render/pod.ts';
import { gangOf } from '../render/gang.ts';
import { run, skip } from './run.ts';

const FOLDER = join(import.meta.dirname, '../../examples/gpu');

interface Manifest {
  readonly kind: Program['kind'];
  readonly spec: { readonly image: string; readonly command: readonly [string, ...string[]]; readonly nodes?: number };
}

const files = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));
const manifests = files.map(
  (file) => [file, parseDocument(readFileSync(join(FOLDER, file), 'utf8')).toJS() as Manifest] as const,
);

// No cluster here has GPUs: what can be known of these manifests without one. The chart's test holds them against the API server.
describe('the examples for GPUs', () => {
  test('are one for each program', () => {
    expect(files.map((file) => file.replace('.yaml', '')).toSorted()).toEqual([...cudaNames].toSorted());
  });

  test.each(manifests)('%s: pods ask for GPUs, a rank to each', (_, { kind, spec }) => {
    expect(spec.image).toBe(`localhost/coxswain/kernels-cuda:${version}`);
    const gang = gangOf({ ...spec }, kind);
    const request = memberRequest(gang.program);
    expect(request['nvidia.com/gpu']).toBe(procsPerNode(gang.program));
    const pod = renderPod({ ...gang, assignment: { ...gang.assignment, resources: request } }, 0, 'host-a');
    const gpus = { 'nvidia.com/gpu': String(request['nvidia.com/gpu']) };
    expect(pod).toMatchObject({ spec: { containers: [{ resources: { requests: gpus, limits: gpus } }] } });
  });

  describe.skipIf(skip || !hasCompiler)('as their programs read them', () => {
    let programs: CudaPrograms;
    beforeAll(async () => {
      programs = (await buildCuda()).mpi;
    }, 900_000);

    test.each(manifests)('%s: the command can be planned', async (_, { kind, spec }) => {
      const [name, ...args] = spec.command;
      expect(args).toContain('--backend=cuda');
      const ranks = (spec.nodes ?? 1) * procsPerNode(gangOf({ ...spec }, kind).program);
      const planned = await run(programs[name as CudaName], ['--plan', ...args, `--ranks=${ranks}`]);
      expect(planned).toMatchObject({ code: 0, stderr: '' });
      expect(planned.stdout).toContain('"work"');
    });
  });
});
