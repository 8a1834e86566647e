/** Calibration lines for tests: of a machine of two cores at 2 GHz, 16 operations a cycle, so 32 GFLOP/s each. */
import type { KernelResult, Line } from '../../kernels/measure/line.ts';

export function resultWith(changes: Partial<KernelResult> & Pick<KernelResult, 'kernel'>): KernelResult {
  return {
    ranks: 2,
    problem: { n: 64 },
    gpus: 0,
    build: { backend: 'cpu', nvcc: null },
    gpu: null,
    power: null,
    time: { total_s: 3, roi_s: 2 },
    fom: { name: 'speed', value: 10, unit: 'GFLOP/s' },
    figures: {},
    work: { flops: 4e9, bytes_hbm: 1, bytes_net: 0, msgs: 0 },
    energy: { gpu_j: null, source: null, window_s: null },
    verified: true,
    check: { name: 'error', value: 0, tol: 0.1, hash: '0'.repeat(16) },
    warnings: [],
    ...changes,
  };
}

export function lineOf(result: KernelResult, changes: Partial<Line> = {}): Line {
  return {
    source: 'measured',
    date: '2026-01-02T03:04:05.000Z',
    host: {
      cpu: 'Test CPU',
      cores: 2,
      memory_gb: 8,
      clock_mhz: 2000,
      flops_per_cycle: 16,
      gpus: [],
      compiler: 'c++ 1',
    },
    kernels: 'abc',
    load: 0.1,
    args: ['--n', '64'],
    energy: null,
    result,
    ...changes,
  };
}
