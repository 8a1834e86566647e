/** All that decides in what order jobs start: a policy, and what the queue adds to it. */
import type { Queue } from '../core/model.ts';
import type { Policy } from '../core/plan/policy.ts';

export type QueueTerms = Partial<Pick<Queue, 'order' | 'waitObjective' | 'maxPriority'>>;

export type Recipe = { readonly policy: Policy; readonly queue: QueueTerms };
