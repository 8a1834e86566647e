import { beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { buildNvml } from './cudaNvml.ts';
import { run, skip } from './run.ts';

const figure = z.number().nullable();
const report = z.object({
  gpu: z.object({ driver: z.string().nullable(), mig: z.boolean().nullable() }),
  power: z.object({
    cap_w: figure,
    default_w: figure,
    min_w: figure,
    max_w: figure,
    sw_power_cap_ns: figure,
    sm_clock_mhz_avg: figure,
    temp_start_c: figure,
    temp_end_c: figure,
  }),
  energy: z.object({
    gpu_j: figure,
    cpu_j: figure,
    source: z.string().nullable(),
    window_s: figure,
    ticks: figure,
    idle_w: figure,
  }),
  warnings: z.array(z.string()),
});

describe.skipIf(skip)("joules by NVIDIA's management library", () => {
  let built = { folder: '', check: '' };
  beforeAll(async () => {
    built = await buildNvml();
  }, 300_000);

  /** What a window of so many seconds on the library's clock reports. */
  const window = async (seconds: number, env: Record<string, string> = {}) => {
    const finished = await run(built.check, [String(seconds)], { LD_LIBRARY_PATH: built.folder, ...env });
    expect(finished).toMatchObject({ code: 0, stderr: '' });
    return report.parse(JSON.parse(finished.stdout));
  };

  test('are counted from tick to tick', async () => {
    const { energy, power, gpu, warnings } = await window(12);
    expect(gpu).toEqual({ driver: '580.0.fake', mig: false });
    expect(energy).toMatchObject({ source: 'nvml', cpu_j: null, idle_w: 75 });
    expect(energy.window_s).toBeGreaterThanOrEqual(12);
    expect(energy.window_s).toBeLessThan(12.2);
    // 500 W, to the millisecond in which a tick is seen.
    expect((energy.gpu_j ?? 0) / (energy.window_s ?? 1)).toBeCloseTo(500, 0);
    expect(energy.ticks).toBe(Math.round((energy.window_s ?? 0) / 0.1));
    expect(power).toMatchObject({ cap_w: 650, default_w: 700, min_w: 200, max_w: 700, sm_clock_mhz_avg: 1900 });
    expect(power.sw_power_cap_ns).toBeCloseTo(12.2 * 0.25e9, -8);
    expect(power).toMatchObject({ temp_start_c: 30, temp_end_c: 42 });
    expect(warnings).toEqual([]);
  });

  test.each([
    ['below ten seconds', 9, {}],
    ['of fewer than a hundred ticks', 30, { FAKE_TICK: '0.5' }],
  ])('are unknown for a window %s', async (_, seconds, env) => {
    const { energy, warnings } = await window(seconds, env);
    expect(energy).toMatchObject({ gpu_j: null, source: 'nvml', idle_w: 75 });
    expect(energy.window_s).toBeGreaterThanOrEqual(seconds);
    expect(warnings).toEqual(['short_window']);
  });

  test('are unknown where the counter stands still', async () => {
    const { energy, warnings } = await window(12, { FAKE_WITHOUT: 'ticks' });
    expect(energy).toMatchObject({ gpu_j: null, source: null, window_s: null, ticks: null, idle_w: 75 });
    expect(warnings).toEqual(['the energy counter does not move']);
  });

  test.each([
    ['there is no counter', 'counter', false],
    ['the GPU is cut into slices', 'whole GPU', true],
  ])('are unknown where %s', async (_, what, mig) => {
    const { energy, gpu, power, warnings } = await window(12, { FAKE_WITHOUT: what });
    expect(gpu.mig).toBe(mig);
    expect(energy).toMatchObject({ gpu_j: null, source: null, window_s: null });
    expect(power.cap_w).toBe(650);
    expect(warnings).toEqual([]);
  });

  test.each([
    ['no such library', { LD_LIBRARY_PATH: '' }],
    ['no driver behind it', { FAKE_WITHOUT: 'driver' }],
  ])('and all else are unknown with %s', async (_, env) => {
    const { energy, gpu, power } = await window(0, env);
    for (const value of [...Object.values(energy), ...Object.values(gpu), ...Object.values(power)])
      expect(value).toBeNull();
  });

  test('only what a driver does not tell is unknown', async () => {
    const { energy, power } = await window(12, { FAKE_WITHOUT: 'throttling' });
    expect(power.sw_power_cap_ns).toBeNull();
    expect(energy.gpu_j).not.toBeNull();
  });
});
