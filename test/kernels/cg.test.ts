import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkpointContract } from './checkpoint.ts';
import { kernelUnderTest } from './mpi.ts';
import { run, skip } from './run.ts';

const KINDS = ['none', 'jacobi', 'chebyshev', 'multigrid'];
const small = ['--n', '32', '--iterations', '8'];

// Generous: processes share the cores with whatever else the machine does.
describe.skipIf(skip)('cg', () => {
  const cg = kernelUnderTest('cg');

  test.each([...KINDS, 'learned'])(
    'with preconditioner %s it verifies itself and gives the same bits on 1, 2 and 4 ranks',
    async (kind) => {
      const args = [...small, '--preconditioner', kind];
      const { check, fom } = await cg.solve(1, ...args);
      expect(check.name).toBe('error in the norm of A relative to the first');
      expect(fom.unit).toBe('GFLOP/s');
      await cg.sameBits([1, 2, 4], ...args);
    },
  );

  test('finds the solution that the right-hand side was made from, the sooner the better the preconditioner', async () => {
    const iterations = [];
    for (const kind of KINDS) {
      const args = ['--n', '32', '--tolerance', '1e-10', '--iterations', '500', '--preconditioner', kind];
      const { figures, check } = await cg.solve(2, ...args);
      expect(figures.residual?.value).toBeLessThanOrEqual(1e-10);
      expect(check.value).toBeLessThan(1e-8);
      iterations.push(figures.iterations?.value ?? 0);
    }
    const [none = 0, jacobi = 0, chebyshev = 0, multigrid = 0] = iterations;
    expect(jacobi).toBe(none); // the diagonal is the same everywhere
    expect(chebyshev).toBeLessThan(none / 2);
    expect(multigrid).toBeLessThan(chebyshev / 2);
  });

  test('ends when numbers are too small to go on with, however many iterations are wished', async () => {
    const args = ['--n', '32', '--iterations', '400', '--preconditioner', 'chebyshev', '--solution', 'smooth'];
    const { figures } = await cg.solve(1, ...args);
    expect(figures.iterations?.value).toBeLessThan(400);
  });

  test('repeats the solution with the same bits', async () => {
    const once = await cg.solve(1, ...small);
    const thrice = await cg.solve(2, ...small, '--repeat', '3');
    expect(thrice.check).toEqual(once.check);
    expect(thrice.work.flops).toBe(3 * once.work.flops);
  });

  test('says so when it has not reached the tolerance', async () => {
    const finished = await cg.finish(1, ...small, '--tolerance', '1e-10');
    expect(finished.code).toBe(3);
    expect(finished.stdout).toContain('"name":"residual relative to the right-hand side"');
  });

  describe('learned', () => {
    const learned = [...small, '--preconditioner', 'learned', '--guess', 'learned', '--learning', '100'];

    test('the deflated operator needs fewer iterations, and the result says whether that paid', async () => {
      const args = ['--n', '32', '--tolerance', '1e-10', '--iterations', '500', '--preconditioner', 'learned'];
      const { figures, warnings } = await cg.solve(2, ...args);
      expect(figures.iterations?.value).toBeLessThan((figures.iterations_without?.value ?? 0) / 2);
      const [total, without] = [figures.learned_total?.value ?? 0, figures.without?.value ?? 0];
      expect(total).toBeGreaterThan(figures.learning?.value ?? Number.POSITIVE_INFINITY);
      expect(figures.learned_pays?.value).toBe(total < without ? 1 : 0);
      expect(warnings).toEqual(total < without ? [] : [expect.stringContaining('learning did not pay')]);
    });

    test('the guess comes near a smooth solution, the nearer the longer it was learned', async () => {
      const args = ['--n', '32', '--tolerance', '1e-9', '--iterations', '500', '--solution', 'smooth'];
      const errors = [];
      for (const steps of ['4', '500']) {
        const { figures } = await cg.solve(1, ...args, '--guess', 'learned', '--learning', steps);
        errors.push(figures.guess_error?.value ?? Number.NaN);
        if (steps === '500') expect(figures.iterations?.value).toBeLessThan(figures.iterations_without?.value ?? 0);
      }
      const [early = 0, late = 1] = errors;
      expect(late).toBeLessThan(0.3);
      expect(late).toBeLessThan(early / 2);
    });

    test('the guess goes with every preconditioner, with the same bits on 1, 2 and 4 ranks', async () => {
      for (const kind of ['none', 'chebyshev', 'multigrid', 'learned'])
        await cg.sameBits([1, 2, 4], ...learned, '--preconditioner', kind);
    });

    test.each([
      [1, []],
      [3, []],
      [2, ['--preconditioner', 'chebyshev', '--basis', '12']],
      [4, ['--guess', 'zero', '--basis', '4']],
      [1, ['--repeat', '2']],
    ])('--plan knows what %i ranks will count with %j', async (ranks, args) => {
      await cg.planned(ranks, ...learned, ...args);
    });

    test('a correction that is not symmetric fails verification', async () => {
      const { check } = await cg.caught(2, 'symmetry', ...learned);
      expect(check.name).toBe('asymmetry of the preconditioner');
    });

    test('what pays is unknown without a tolerance and after a resumption, which gives the same result', async () => {
      const saving = [...learned, '--checkpoint', join(cg.folder, 'learned'), '--checkpoint-every', '5'];
      const whole = await cg.solve(1, ...saving);
      expect(whole.figures.learned_pays?.value).toBeNull();
      const resumed = await cg.solve(2, ...saving);
      expect(resumed.check).toEqual(whole.check);
      expect(resumed.work.flops).toBe(whole.work.flops);
      expect(resumed.figures.learning?.value).toBeNull();
    });
  });

  test.each([
    ['a halo that was dropped once', 'halo', 'true residual', 'none'],
    ['a preconditioner that is not symmetric', 'symmetry', 'asymmetry of the preconditioner', 'multigrid'],
    ['a matrix that is not symmetric', 'operator', 'asymmetry of the matrix', 'jacobi'],
  ])('its wrong twin with %s fails verification', async (_, twin, name, kind) => {
    expect((await cg.caught(2, twin, ...small, '--preconditioner', kind)).check.name).toContain(name);
  });

  test.each([
    [1, 'none', []],
    [4, 'jacobi', []],
    [2, 'chebyshev', ['--degree', '1']],
    [3, 'chebyshev', ['--degree', '4']],
    [1, 'multigrid', []],
    [4, 'multigrid', ['--n', '64']],
    [2, 'jacobi', ['--repeat', '3']],
  ])('--plan knows what %i ranks with %s will count', async (ranks, kind, args) => {
    await cg.planned(ranks, ...small, '--preconditioner', kind, ...args);
  });

  checkpointContract(cg, ['--n', '64', '--iterations', '250'], 25, ['--preconditioner', 'jacobi']);

  test.each([
    ['a grid whose rows are no whole cache lines', 1, ['--n', '20'], 2, '--n 20 is not a multiple of 8'],
    [
      'an unknown preconditioner',
      1,
      ['--preconditioner', 'magic'],
      2,
      'must be none, jacobi, chebyshev, multigrid or learned',
    ],
    ['an unknown guess', 1, ['--guess', 'wild'], 2, '--guess must be zero or learned'],
    ['functions that a grid cannot hold', 1, ['--n', '8', '--guess', 'learned'], 2, 'at most half of --n 8'],
    ['a negative tolerance', 1, ['--tolerance', '-1'], 2, '--tolerance must be a number above 0'],
    ['more ranks than planes', 9, ['--n', '8'], 2, '9 ranks do not fit --n 8'],
    [
      'more ranks than planes of the coarsest grid',
      9,
      [...small, '--preconditioner', 'multigrid'],
      2,
      'at least 4 of its',
    ],
    ['a grid larger than memory', 2, ['--n', '4096'], 4, 'too large: one node would need'],
  ])('refuses %s in one voice', async (_, ranks, args, code, message) => {
    await cg.refused(ranks, args, code, message);
  });

  test('plans no run whose iterations a tolerance decides', async () => {
    const finished = await run(cg.program(), ['--plan', '--tolerance', '1e-6']);
    expect(finished).toMatchObject({ code: 2, stderr: expect.stringContaining('known after the run only') });
  });
});
