import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Asked } from '../../../predictors/run.ts';
import { borrowSettings, borrowValue, type Lending } from '../../../predictors/similarity/borrow.ts';
import { embed } from '../../../predictors/similarity/embed.ts';
import { distanceOf, nearest } from '../../../predictors/similarity/nearest.ts';
import { judge, startTrial } from '../../../predictors/similarity/trial.ts';

const job = (image: string, command: string, more: Partial<Asked> = {}): Asked => ({
  uid: 'u',
  kind: 'TrainingJob',
  queue: 'q',
  submittedAt: 0,
  limitEnforced: true,
  image,
  command: command.split(' '),
  nodes: 1,
  ranks: 4,
  gpus: 4,
  cpus: 32,
  memory: 1e11,
  declared: {},
  ...more,
});

const RESNET = job('team/vision:1', 'python train.py --model resnet50 --batch 64');
const DEEPER = job('team/vision:2', 'python train.py --model resnet101 --batch 64');
const BERT = job('lab/language:7', 'torchrun pretrain.py --corpus wiki', { gpus: 8, ranks: 8, memory: 8e11 });
const LAMMPS = job('hpc/lammps:3', 'lmp -in in.reax', { kind: 'SimulationJob', nodes: 16, ranks: 1024, gpus: 0 });

describe('distance', () => {
  it('is none to itself, symmetric, and between 0 and 1', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string()), fc.double({ noNaN: false }), (image, command, memory) => {
        const a = embed(job(image, 'x', { command, memory }));
        const b = embed(RESNET, { smUse: 0.5 });
        expect(distanceOf(a, a)).toBeLessThan(1e-9 + (a.words.size === 0 ? 1 : 0));
        expect(distanceOf(a, b)).toBeCloseTo(distanceOf(b, a), 12);
        expect(distanceOf(a, b)).toBeGreaterThanOrEqual(0);
        expect(distanceOf(a, b)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('puts kin near and strangers far', () => {
    const [deeper, bert, lammps] = [DEEPER, BERT, LAMMPS].map((other) => distanceOf(embed(RESNET), embed(other)));
    expect(deeper).toBeLessThan(bert as number);
    expect(bert).toBeLessThan(lammps as number);
  });

  it('follows behaviour, once it is measured, more than names', () => {
    const hungry = { smUse: 0.95, power: 0.9, dramActive: 0.3 };
    const idle = { smUse: 0.1, power: 0.2, dramActive: 0.05 };
    const target = embed(RESNET, hungry);
    expect(distanceOf(target, embed(BERT, hungry))).toBeLessThan(distanceOf(target, embed(DEEPER, idle)));
  });

  it('uses declared work and its arithmetic intensity', () => {
    const work = (flops: number, bytes: number) => embed({ ...RESNET, declared: { flops, bytes } });
    expect(distanceOf(work(1e15, 1e13), work(1e15, 1e13))).toBeLessThan(distanceOf(work(1e15, 1e13), work(1e13, 1e13)));
  });

  it('is bounded, whatever a command holds', () => {
    const words = Array.from({ length: 100_000 }, (_, i) => `w${i}`);
    expect(embed({ ...RESNET, command: words }).words.size).toBeLessThanOrEqual(256);
  });
});

const lend = (program: string, asked: Asked, values: Record<string, number>, settings = {}): Lending => ({
  program,
  embedding: embed(asked),
  values,
  settings,
});

const KNOWN = [
  lend('lammps', LAMMPS, { watts: 90 }, { ranksPerNode: 64, nodes: 16 }),
  lend('bert', BERT, { watts: 280 }, { capShare: 0.8 }),
  lend('resnet101', DEEPER, { watts: 230 }, { capShare: 0.7, nodes: 2 }),
];

describe('borrowing', () => {
  const near = nearest(embed(RESNET), KNOWN, 2);

  it('takes a value from the nearest, says from whom, and is the less sure the further they are', () => {
    const borrowed = borrowValue('watts', near);
    expect(borrowed?.from.map(({ program }) => program)).toEqual(['resnet101', 'bert']);
    expect(borrowed?.from.reduce((sum, { weight }) => sum + weight, 0)).toBeCloseTo(1, 12);
    expect(borrowed?.value).toBeGreaterThan(230);
    expect(borrowed?.value).toBeLessThan(255);
    const [only] = near;
    const far = borrowValue('watts', [{ ...(only as (typeof near)[0]), distance: 0.6 }]);
    const close = borrowValue('watts', [{ ...(only as (typeof near)[0]), distance: 0.1 }]);
    expect((far?.high as number) / (far?.low as number)).toBeGreaterThan(
      (close?.high as number) / (close?.low as number),
    );
  });

  it('takes each setting whole from the nearest that has it', () => {
    expect(borrowSettings(nearest(embed(RESNET), KNOWN, 3))).toMatchObject({
      settings: { capShare: 0.7, nodes: 2 },
      from: { capShare: { program: 'resnet101' }, nodes: { program: 'resnet101' } },
    });
  });

  it('takes nothing from strangers, nor what nobody has', () => {
    const stranger = near.map((one) => ({ ...one, distance: 0.9 }));
    expect(borrowValue('watts', stranger)).toBeUndefined();
    expect(borrowSettings(stranger)).toEqual({ settings: {}, from: {} });
    expect(borrowValue('seconds', near)).toBeUndefined();
  });
});

describe('a borrowed cap on trial', () => {
  const trial = startTrial(0.6, 'resnet101');

  it('is kept where it costs little and saves', () => {
    expect(judge(trial, { slowdown: 1.03, energy: 0.85 })).toMatchObject({
      state: 'kept',
      capShare: 0.6,
      from: 'resnet101',
    });
  });

  it('backs off where it costs more than 5 %, and is dropped when that does not help', () => {
    const once = judge(trial, { slowdown: 1.2, energy: 0.9 });
    expect(once).toMatchObject({ state: 'onTrial', capShare: 0.8 });
    const twice = judge(once, { slowdown: 1.1, energy: 0.9 });
    expect(twice).toMatchObject({ state: 'onTrial', capShare: 0.9 });
    expect(judge(twice, { slowdown: 1.06, energy: 0.95 })).toMatchObject({ state: 'dropped', capShare: 1 });
    expect(judge(twice, { slowdown: 1.02, energy: 0.95 })).toMatchObject({ state: 'kept', capShare: 0.9 });
  });

  it('is dropped where it saves nothing, and stays so', () => {
    const dropped = judge(trial, { slowdown: 1, energy: 1.01 });
    expect(dropped.state).toBe('dropped');
    expect(judge(dropped, { slowdown: 1, energy: 0.5 })).toBe(dropped);
  });

  it('is not judged by numbers that cannot be', () => {
    expect(judge(trial, { slowdown: Number.NaN, energy: 1 })).toBe(trial);
  });
});
