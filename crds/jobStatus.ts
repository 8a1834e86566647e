/** The status both job kinds share. Written by the operator alone; a restart resumes from it. */
import { z } from 'zod';
import { conditions, text, timestamp } from './fields.ts';
import { prediction } from './prediction.ts';
import { WAYS, way } from './way.ts';

/** States of a job's life; DESIGN, Decisions. Charged to the quota from Admitted until the pods are gone. */
const STATES = [
  'Queued',
  'Admitted',
  'Starting',
  'Running',
  'Stopping',
  'Restarting',
  'Suspended',
  'Succeeded',
  'Failed',
] as const;
export type State = (typeof STATES)[number];

const placement = z
  .object({
    node: text(253).describe('Name of the node.'),
    first: z.int().min(0).describe('First member placed there.'),
    count: z.int().min(1).describe('How many consecutive members.'),
  })
  .describe('Consecutive members on one node.');

/** The write-ahead record: stands in the status before the first pod exists. */
const assignment = z
  .object({
    attempt: z.int().min(1).describe('Number of the attempt, counted from 1 over the life of the job.'),
    name: text(63).describe('Name of the attempt; its Service and Secret bear it, its pods add the member.'),
    pool: text(253).describe('Pool that it runs on.'),
    queue: text(253).describe('Queue that is charged.'),
    members: z.int().min(1).describe('Number of members.'),
    way: way().optional().describe(`How its pods are bound. ${WAYS} Absent: gate.`),
    placements: z.array(placement).max(4096).describe('Which member runs on which node.'),
    resources: z
      .record(z.string().max(317), z.number())
      .meta({ maxProperties: 16 })
      .describe('Charged per member, in base units (millicores, bytes, devices).'),
    timeSeconds: z.number().min(0).optional().describe('Walltime of the attempt in seconds; absent: no limit.'),
    admittedAt: timestamp().describe('When the plan started the gang.'),
    startingAt: timestamp().optional().describe('When all pods were seen; gates were lifted then.'),
    runningAt: timestamp().optional().describe('When all ranks had called in.'),
    checkpointAt: timestamp().optional().describe('When the program was asked for a checkpoint before its end.'),
    stoppingAt: timestamp().optional().describe('When its end began.'),
    ending: z
      .object({
        next: z
          .enum(['Queued', 'Restarting', 'Suspended', 'Succeeded', 'Failed'])
          .describe('State that follows once every pod is terminal or gone.'),
        reason: text(128).describe('Why it ends, from the table of reasons.'),
        message: text(4096).describe('Why it ends, in a sentence.'),
      })
      .optional()
      .describe('How the attempt ends, decided before its pods are stopped.'),
  })
  .describe('Where and how the current attempt runs, written before anything is created.');

const result = z
  .object({
    kernel: text(253).optional().describe('Name that the program gives itself.'),
    figureOfMerit: z
      .object({
        name: text(128).describe('What is measured.'),
        value: z.number().describe('The figure.'),
        unit: text(64).describe('Its unit.'),
      })
      .optional()
      .describe('The program’s own measure of its speed.'),
    verified: z.boolean().optional().describe('Whether the program verified its own result.'),
    check: z
      .object({
        name: text(128).optional().describe('What was checked.'),
        value: z.number().optional().describe('What came out.'),
        tol: z.number().optional().describe('What was allowed.'),
      })
      .optional()
      .describe('The verification in figures.'),
    regionSeconds: z.number().optional().describe('Seconds in the program’s region of interest.'),
    joules: z.number().optional().describe('Energy the program measured, in joules.'),
    warnings: z.array(text(256).describe('One warning.')).max(16).optional().describe('What the program warns of.'),
  })
  .describe('What the program reported in its result line.');

const failure = z
  .object({
    reason: text(128).describe('Reason from the table of reasons.'),
    message: text(4096).describe('What happened, with figures.'),
    attempt: z.int().min(1).describe('Attempt that failed.'),
    member: z.int().min(0).optional().describe('Member that failed first.'),
    rank: z.int().min(0).optional().describe('Rank that failed first.'),
    node: text(253).optional().describe('Node it ran on.'),
    exitCode: z.int().optional().describe('Exit code of the program.'),
    signal: z.int().min(1).optional().describe('Signal that ended the program.'),
    tail: text(2048).optional().describe('Last lines the program wrote to its error output.'),
    at: timestamp().describe('When it failed.'),
  })
  .describe('The latest failure of an attempt.');

export const jobStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('Generation of the spec that this status is about.'),
    state: z.enum(STATES).optional().describe('Where the job stands in its life.'),
    reason: text(128).optional().describe('Why it stands there, as one word from the table of reasons.'),
    message: text(4096).optional().describe('Why, in a sentence with figures.'),
    position: z.int().min(1).optional().describe('Place in the queue, 1 is next.'),
    estimatedStart: timestamp()
      .optional()
      .describe('When it should start: as it is planned, corrected by how far off planned starts were before.'),
    estimatedStartEarliest: timestamp()
      .optional()
      .describe(
        'Beginning of the interval in which it should start nine times in ten, as far as starts were seen before.',
      ),
    estimatedStartLatest: timestamp().optional().describe('End of that interval.'),
    attempts: z.int().min(0).optional().describe('Attempts begun so far.'),
    assignment: assignment.optional(),
    restarts: z.int().min(0).optional().describe('Restarts used up by failures of the program.'),
    infrastructureRetries: z.int().min(0).optional().describe('Retries used up by failures around the program.'),
    startFailures: z
      .int()
      .min(0)
      .optional()
      .describe('Attempts in a row that ended before they computed; the back-off grows with them.'),
    requeueAt: timestamp().optional().describe('Not tried again before this time.'),
    avoid: z
      .array(
        z
          .object({
            node: text(253).describe('Name of the node.'),
            until: timestamp().describe('Until when.'),
          })
          .describe('One avoided node.'),
      )
      .max(64)
      .optional()
      .describe('Nodes avoided for a while after they refused or lost a member.'),
    prediction: prediction.optional(),
    queuedAt: timestamp().optional().describe('Since when it has been waiting.'),
    startedAt: timestamp().optional().describe('When the latest attempt began to compute.'),
    finishedAt: timestamp().optional().describe('When the job ended.'),
    waitSeconds: z.number().optional().describe('Seconds from submission to the first start of computing.'),
    runSeconds: z.number().optional().describe('Seconds the latest attempt computed.'),
    nodesUsed: z.int().min(0).optional().describe('Members of the latest attempt.'),
    result: result.optional(),
    figureOfMerit: text(160).optional().describe('The figure of merit as one string, for kubectl get.'),
    failure: failure.optional(),
    conditions: conditions().optional(),
  })
  .describe('What the operator observed and decided. Read-only for users.');

export type JobStatus = z.infer<typeof jobStatus>;
export type Assignment = z.infer<typeof assignment>;
export type JobFailure = z.infer<typeof failure>;
export type JobResult = z.infer<typeof result>;
