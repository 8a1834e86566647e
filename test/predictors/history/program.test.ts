import { expect, test } from 'vitest';
import { programOf } from '../../../predictors/history/program.ts';

test.each([
  ['registry:5000/team/solver:v2@sha256:ab', ['solver', '--n', '3'], 'registry:5000/team/solver solver'],
  ['solver', ['/opt/bin/solver'], 'solver solver'],
  ['torch:2', ['python', '-u', 'src/train.py', '--lr', '3'], 'torch train.py'],
  ['torch:2', ['torchrun', '--nproc-per-node=4', 'train.py'], 'torch train.py'],
  [undefined, ['bash', '-c', 'OMP_NUM_THREADS=4 ./heat 512'], 'heat'],
  [undefined, ['timeout', '60', 'heat'], 'heat'],
  [undefined, ['bash'], 'bash'],
  ['kth/9', [], 'kth/9'],
  [undefined, [], undefined],
  [undefined, ['  '], undefined],
])('the program of %j %j', (image, command, name) => {
  expect(programOf({ command, ...(image !== undefined && { image }) })).toBe(name);
});
