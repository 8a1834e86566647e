/** What was predicted of a job when it was submitted: stands in its status, so that a new leader plans with the same. */
import { z } from 'zod';
import { text, timestamp } from './fields.ts';

const seconds = (what: string) => z.number().min(0).describe(`${what}, in seconds.`);

export const prediction = z
  .object({
    q10: seconds('Run time that one such run in ten stays below'),
    q50: seconds('Run time that half of such runs stay below'),
    q75: seconds('Run time that three of four such runs stay below'),
    q90: seconds('Run time that nine of ten such runs stay below'),
    q95: seconds('Run time that nineteen of twenty such runs stay below'),
    quick: z
      .number()
      .min(0)
      .max(1)
      .describe('Near 1 for a run that is probably over at once: the mean of 10s / run time.'),
    by: text(64).describe(
      'Who counted most: user (the walltime), last2, near, ladder (similar runs), sized (runs at other sizes), or a model.',
    ),
    from: text(64).describe(
      'Which runs are the nearest known: repeat, sized (of the program at other sizes), program, others (their runs of it), similar, user, pool, all or nothing.',
    ),
    support: z.int().min(0).describe('How many such runs are known.'),
    joules: z
      .number()
      .min(0)
      .optional()
      .describe('Energy of a run of the median length, in joules, from the power of runs that were measured.'),
    at: timestamp().describe('When it was predicted.'),
  })
  .describe('What was predicted of the job when it was submitted, from runs that had ended by then.');

export type PredictionStatus = z.infer<typeof prediction>;
