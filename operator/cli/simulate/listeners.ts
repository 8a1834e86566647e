/** Who listens to the plans of a run: files that are written while it goes on. */
import { join } from 'node:path';
import type { Policy } from '../../core/plan/policy.ts';
import { writePolicy } from '../../policyForm.ts';
import type { Moment } from '../../sim/engine.ts';
import { plural } from '../../sim/report/text.ts';
import { UsageError } from '../errors.ts';
import { numberOf } from '../options.ts';
import type { SimulateOptions } from './command.ts';
import { DecisionLog } from './decisions.ts';
import { GrowingFile } from './file.ts';
import { PlanAt } from './planAt.ts';
import type { Study } from './study.ts';

/** `close` after the run: it answers what is to be said of the file. */
export type Listener = { readonly plan: (moment: Moment) => void; readonly close: () => readonly string[] };

async function decisionsAt(folder: string, policy: Policy): Promise<Listener> {
  const path = join(folder, 'decisions.jsonl');
  const file = await GrowingFile.at(path);
  const log = new DecisionLog((text) => file.write(text), writePolicy(policy));
  return {
    plan: (moment) => log.plan(moment),
    close: () => {
      file.close();
      const size = `${path}: ${(log.size / 2 ** 20).toFixed(1)} MiB of decisions`;
      return [log.left === 0 ? size : `${size}; it is full, ${plural(log.left, 'later plan')} left out`];
    },
  };
}

async function planAt(folder: string, text: string, { setup }: Study): Promise<Listener> {
  const { jobs } = setup.workload;
  const [least, most] = [jobs[0]?.submit ?? 0, jobs.at(-1)?.submit ?? 0];
  const page = new PlanAt(numberOf('plan-at', text, { least, most }) ?? most, setup.policy);
  const file = await GrowingFile.at(join(folder, 'plan.json'));
  return {
    plan: (moment) => page.plan(moment, (text) => file.write(text)),
    close: () => {
      file.close();
      return [];
    },
  };
}

/** Opens the files that the options ask for. Throws UsageError. */
export async function listenersOf(given: SimulateOptions, study: Study): Promise<readonly Listener[]> {
  const { out, decisions, 'plan-at': at } = given;
  if (out === undefined) {
    if (decisions || at !== undefined)
      throw new UsageError(`--${decisions ? 'decisions' : 'plan-at'} needs --out DIR to write to`);
    return [];
  }
  return [
    ...(decisions ? [await decisionsAt(out, study.setup.policy)] : []),
    ...(at === undefined ? [] : [await planAt(out, at, study)]),
  ];
}
