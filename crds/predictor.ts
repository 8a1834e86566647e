/** Predictor: what the cluster has learned about its jobs, and whether plans use it. */
import { z } from 'zod';
import { conditions, text, timestamp } from './fields.ts';
import type { Kind, Resource } from './kind.ts';

const predictorTuning = z
  .object({
    mode: z
      .enum(['off', 'suggest', 'use'])
      .default('suggest')
      .describe(
        'off: nothing is searched; suggest: what is found stands in the status; use: plans are made by it once it was accepted. Anything but use brings the configured policy back at once.',
      ),
    everyDays: z.int().min(1).max(366).default(7).describe('Days between two searches.'),
    days: z
      .int()
      .min(3)
      .max(366)
      .default(21)
      .describe('Days of history that are played: the last week of them decides, a third where there is less.'),
    leastRuns: z.int().min(200).max(10_000).default(500).describe('Runs that those days must hold.'),
    maxWaitHours: z
      .number()
      .min(0.1)
      .max(8784)
      .optional()
      .describe('Longest wait that is accepted; default twice the longest under the configured policy.'),
  })
  .describe('The search of the policy: the history is played in the simulator, and a later part of it decides.');

export const predictorSpec = z
  .object({
    use: z
      .enum(['learned', 'limits'])
      .default('learned')
      .describe('learned: gangs are planned by predictions; limits: by their walltimes, while learning goes on.'),
    leastRuns: z
      .int()
      .min(1)
      .max(1_000_000)
      .default(50)
      .describe('Runs that must have ended before anything is planned by predictions; until then walltimes count.'),
    keepDays: z.int().min(1).max(36_500).default(365).describe('Runs that ended longer ago are forgotten.'),
    keepRuns: z
      .int()
      .min(100)
      .max(100_000_000)
      .default(1_000_000)
      .describe('Of more runs than this, those that ended first are forgotten.'),
    tuning: predictorTuning.optional(),
  })
  .describe('How predictions are used and how long runs are remembered.');

const share = (what: string) => z.number().min(0).max(1).optional().describe(what);

const figures = (who: string) =>
  z
    .object({
      bsld: z.number().min(0).describe('Mean bounded slowdown: 1 is no wait at all.'),
      maxWaitHours: z.number().min(0).describe('Longest wait.'),
    })
    .describe(`What ${who} made of the part of the history that decides.`);

const policyText = () => text(4096);

const tuningStatus = z
  .object({
    using: z
      .enum(['Configured', 'Tuned'])
      .describe('Which policy plans are made by; the condition TunedPolicy says why.'),
    at: timestamp().describe('When the last search ended.'),
    outcome: z
      .enum(['Accepted', 'Rejected', 'TooFewRuns', 'Failed'])
      .describe('Accepted: what was found is better than the configured policy, and not by chance.'),
    message: text(1024).describe('Why.'),
    runs: z.int().min(0).optional().describe('Runs that were played.'),
    days: z.number().min(0).optional().describe('Days that they span.'),
    seconds: z.number().min(0).optional().describe('How long the search took.'),
    failures: z.int().min(0).optional().describe('Searches in a row that failed.'),
    baseline: figures('the configured policy').optional(),
    candidate: figures('the policy that was found').optional(),
    gain: z
      .object({
        mean: z.number().describe('Mean.'),
        low: z.number().describe('Lower end of the 95 % interval.'),
        high: z.number().describe('Upper end of it.'),
      })
      .optional()
      .describe('How much lower the mean bounded slowdown is under what was found, job by job.'),
    policy: policyText()
      .optional()
      .describe('The latest policy that was accepted, as JSON of the chart’s value policy; absent: none is.'),
    acceptedAt: timestamp().optional().describe('When it was.'),
    against: policyText().optional().describe('The configured policy that it was accepted against, as JSON.'),
  })
  .describe('The latest search of the policy.');

export const predictorStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('Generation that this status is about.'),
    runs: z.int().min(0).optional().describe('Runs learned from.'),
    judged: z.int().min(0).optional().describe('Latest runs that error and coverage are taken from, 2,000 at most.'),
    error: z
      .number()
      .min(0)
      .optional()
      .describe('Mean of |log10(predicted / actual)| over them: 0.3 is a factor of two.'),
    userError: z.number().min(0).optional().describe('The same of their walltimes.'),
    coverage: share('Share of them that stayed below their q90: 0.9 is right.'),
    leading: text(64)
      .optional()
      .describe('Who counts most in predictions now: user, last2, near, ladder, sized or a model.'),
    planning: z
      .enum(['Learned', 'Limits'])
      .optional()
      .describe('What gangs are planned by now: predictions, or walltimes.'),
    backend: text(32).optional().describe('What the models run on: native, wasm, cpu, or none before the first refit.'),
    version: z.int().min(0).optional().describe('Refits since the history began to be read.'),
    lastRefit: timestamp().optional().describe('When the models were last fitted.'),
    refitSeconds: z.number().min(0).optional().describe('How long that took.'),
    history: text(256).optional().describe('Where runs are kept, and what was lost.'),
    tuning: tuningStatus.optional(),
    conditions: conditions().optional(),
  })
  .describe('What was learned, and how good it is. Read-only for users.');

type PredictorSpec = z.infer<typeof predictorSpec>;
export type PredictorTuning = z.infer<typeof predictorTuning>;
export type TuningStatus = z.infer<typeof tuningStatus>;
export type PredictorStatus = z.infer<typeof predictorStatus>;
export type Predictor = Resource<PredictorSpec, PredictorStatus>;

export const PredictorKind = {
  kind: 'Predictor',
  plural: 'predictors',
  singular: 'predictor',
  shortNames: [],
  scope: 'Cluster',
  description:
    'What the operator has learned about run times from finished jobs. Only the one named default counts; the operator makes it.',
  spec: predictorSpec,
  status: predictorStatus,
  columns: [
    { name: 'Planning', type: 'string', jsonPath: '.status.planning', description: 'What gangs are planned by.' },
    { name: 'Runs', type: 'integer', jsonPath: '.status.runs', description: 'Runs learned from.' },
    { name: 'Leading', type: 'string', jsonPath: '.status.leading', description: 'Who counts most.' },
    { name: 'Error', type: 'number', jsonPath: '.status.error', description: 'Mean |log10(predicted / actual)|.' },
    { name: 'Coverage', type: 'number', jsonPath: '.status.coverage', description: 'Share of runs below their q90.' },
    { name: 'Backend', type: 'string', jsonPath: '.status.backend', description: 'What the models run on.' },
    { name: 'Version', type: 'integer', jsonPath: '.status.version', description: 'Refits so far.' },
    { name: 'Refit', type: 'date', jsonPath: '.status.lastRefit', description: 'Since the last refit.' },
    { name: 'Age', type: 'date', jsonPath: '.metadata.creationTimestamp', description: 'Since when it exists.' },
    {
      name: 'UserError',
      type: 'number',
      jsonPath: '.status.userError',
      description: 'The error of the walltimes.',
      priority: 1,
    },
    { name: 'History', type: 'string', jsonPath: '.status.history', description: 'Where runs are kept.', priority: 1 },
    {
      name: 'Policy',
      type: 'string',
      jsonPath: '.status.tuning.using',
      description: 'Which policy plans are made by.',
      priority: 1,
    },
  ],
  rules: [],
  selectableFields: [],
  mutable: 'all',
  maxName: 253,
} as const satisfies Kind<typeof predictorSpec, typeof predictorStatus>;
