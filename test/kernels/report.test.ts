import { describe, expect, test } from 'vitest';
import { report } from '../../kernels/report/report.ts';
import { rowsOf } from '../../kernels/report/rows.ts';
import { lineOf, resultWith } from './lines.ts';

const gemm = resultWith({
  kernel: 'gemm',
  problem: { n: 64, dtype: 'fp64' },
  fom: { name: 'speed', value: 48, unit: 'GFLOP/s' },
});
const training = resultWith({
  kernel: 'surrogate',
  ranks: 1,
  problem: { width: 64 },
  fom: { name: 'training speed', value: 5000, unit: 'samples/s' },
  work: { flops: 12.8e9, bytes_hbm: 1, bytes_net: 0, msgs: 0 },
});

describe('the rows of a machine', () => {
  test('show the share of the peak of the cores that were used', () => {
    expect(rowsOf([lineOf(gemm)])).toEqual([
      {
        what: 'HPL-like: gemm fp64',
        value: 48,
        unit: 'GFLOP/s',
        share: { value: 0.75, of: 'fp64 peak' },
        joules: null,
        run: '--n 64 on 2 ranks',
      },
    ]);
  });

  test('show training with its use of the peak and the shortest time to accuracy', () => {
    const slower = lineOf({ ...training, fom: { ...training.fom, value: 4000 }, time: { total_s: 9, roi_s: 8 } });
    const [speed, accuracy] = rowsOf([slower, lineOf(training)]);
    // 12.8 GFLOP in 2 s are 6.4 of the 64 GFLOP/s that one core can do in single precision.
    expect(speed).toMatchObject({ what: 'training: surrogate', share: { value: 0.1, of: 'fp32 peak (MFU)' } });
    expect(accuracy).toMatchObject({ what: 'training: time to accuracy', value: 2, unit: 's' });
  });

  test('take a training that was never held to an accuracy for none', () => {
    const short = lineOf({ ...training, check: { ...training.check, tol: 100 } });
    expect(rowsOf([short])).toEqual([]);
  });

  test('know no share where the machine is not known', () => {
    const { host } = lineOf(gemm);
    expect(rowsOf([lineOf(gemm, { host: { ...host, clock_mhz: null } })])[0]?.share).toBeNull();
  });

  test('divide joules by what was done in them, over all runs of the window', () => {
    const energy = { cpu_j: 960, source: 'test', window_s: 12, runs: 5 };
    // 48 GFLOP/s for 2 s, five times, are 480 GFLOP.
    expect(rowsOf([lineOf(gemm, { energy })])[0]?.joules).toBeCloseTo(2, 10);
    expect(rowsOf([lineOf(training, { energy })]).map(({ joules }) => joules)).toEqual([960 / 5 / 10_000, 960 / 5]);
  });

  test('leave out what stayed in cache where memory is the limit', () => {
    const stream = (n: number, value: number) =>
      lineOf(resultWith({ kernel: 'stream', problem: { n }, fom: { name: 'triad', value, unit: 'GB/s' } }));
    expect(rowsOf([stream(1e6, 100), stream(32e6, 20)]).map(({ value }) => value)).toEqual([20]);
    const heat = resultWith({ kernel: 'heat', fom: { name: 'cells', value: 1e9, unit: 'cells/s' } });
    expect(rowsOf([lineOf(heat)])).toEqual([]);
    const beyond = { ...heat, figures: { share_of_triad: { value: 0.8, unit: '1' } } };
    expect(rowsOf([lineOf(beyond)])[0]).toMatchObject({ value: 1, share: { value: 0.8, of: 'triad' } });
  });
});

describe('the rows of GPUs', () => {
  const h200 = { name: 'NVIDIA H200', sm: 'sm_90', driver: '580.1' };
  const onGpu = (changes: Parameters<typeof resultWith>[0]) =>
    resultWith({ ranks: 2, gpus: 2, gpu: h200, power: { cap_w: 700, sm_clock_mhz_avg: 1755.4 }, ...changes });
  const gflops = (value: number) => ({ name: 'speed', value, unit: 'GFLOP/s' });
  const bf16 = onGpu({ kernel: 'gemm', problem: { n: 8192, dtype: 'bf16' }, fom: gflops(989_000) });
  const args = ['--backend', 'cuda', '--dtype', 'bf16', '--path', 'wgmma'];
  const cgWork = { flops: 22e9, bytes_hbm: 80e9, bytes_net: 0, msgs: 0 };

  test('have the share of what the datasheet says of all GPUs of the run, beside those of processors', () => {
    const rows = rowsOf([lineOf(gemm), lineOf(bf16, { args })]);
    expect(rows.map(({ what }) => what)).toEqual(['HPL-like: gemm fp64', 'GPU: gemm bf16, wgmma']);
    expect(rows[1]).toMatchObject({
      share: { value: 0.5, of: 'bf16 peak' },
      joules: null,
      run: `${args.join(' ')} on 2 ranks`,
    });
    const heat = onGpu({ kernel: 'heat', problem: { n: 512 }, fom: { name: 'cells', value: 150e9, unit: 'cells/s' } });
    expect(rowsOf([lineOf(heat)])[0]).toMatchObject({ value: 150, share: { value: 0.25, of: "memory's peak" } });
    // 80 bytes to 22 operations.
    const cg = onGpu({ kernel: 'cg', problem: { n: 512, preconditioner: 'none' }, fom: gflops(1320), work: cgWork });
    expect(rowsOf([lineOf(cg)])[0]).toMatchObject({ value: 1320, share: { value: 0.5, of: "memory's peak" } });
    const nbody = onGpu({ kernel: 'nbody', fom: { name: 'speed', value: 3.35e12, unit: 'interactions/s' } });
    expect(rowsOf([lineOf(nbody)])[0]).toMatchObject({ value: 3350, share: { value: 0.5, of: 'fp32 peak' } });
  });

  test('have no share for a GPU without a datasheet', () => {
    const other = { ...bf16, gpu: { ...h200, name: 'NVIDIA H100 PCIe' } };
    expect(rowsOf([lineOf(other, { args })])[0]?.share).toBeNull();
    expect(report([lineOf(other, { args })])).toContain('no datasheet of this GPU is known');
  });

  test("divide the driver's joules by what was done at that draw", () => {
    // 1200 W at 989 TFLOP/s.
    const measured = { ...bf16, energy: { gpu_j: 14_400, source: 'nvml', window_s: 12 } };
    expect(rowsOf([lineOf(measured, { args })])[0]?.joules).toBeCloseTo(1200 / 989_000, 12);
  });

  test('leave out what stayed in cache', () => {
    const small = onGpu({ kernel: 'heat', problem: { n: 128 }, fom: { name: 'cells', value: 900e9, unit: 'cells/s' } });
    expect(rowsOf([lineOf(small)])).toEqual([]);
  });

  test('come with what the GPU was held to, and what no hardware has shown', () => {
    const text = report([lineOf({ ...bf16, warnings: ['--backend cuda is unverified on hardware'] }, { args })]);
    expect(text).toContain(
      'note: GPU: NVIDIA H200, sm_90, driver 580.1, nvcc none, cap 700 W, clock 1755 MHz in the last run',
    );
    expect(text).toContain("NVIDIA's datasheet");
    expect(text).toContain('unverified on hardware');
    expect(report([lineOf(gemm)])).not.toContain('GPU:');
  });
});

describe('the report', () => {
  test('has one table per machine, and says where joules are unknown', () => {
    const { host } = lineOf(gemm);
    const text = report([lineOf(gemm), lineOf(training, { host: { ...host, cpu: 'Other CPU' } })]);
    expect(text).toMatch(/^Test CPU, 2 cores, no GPU\nFIGURE/);
    expect(text).toContain('\n\nOther CPU, 2 cores, no GPU\nFIGURE');
    expect(text).toMatch(/HPL-like: gemm fp64 +48 GFLOP\/s +75 % of fp64 peak +- +--n 64 on 2 ranks\n/);
    expect(text.match(/no source of joules/g)).toHaveLength(2);
  });

  test('reads the newest kernels alone', () => {
    const older = lineOf(
      { ...gemm, fom: { ...gemm.fom, value: 60 } },
      { kernels: 'old', date: '2025-01-01T00:00:00.000Z' },
    );
    expect(report([older, lineOf(gemm)])).not.toContain('60 GFLOP/s');
  });

  test('says when there is nothing', () => {
    expect(report([])).toContain('nothing measured yet');
  });
});
