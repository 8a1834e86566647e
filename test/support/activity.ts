import type { Bed } from './bed.ts';
import type { Thing } from './kubeApi.ts';
import { pathOf } from './paths.ts';

/** What the operator has done about one job, be it gone or not. */
export type Activity = {
  /** Writes to the job itself, by the audit log. */
  readonly writes: number;
  /** What was told of it in events, repetitions counted. */
  readonly events: number;
  /** Attempts that were begun. */
  readonly attempts: number;
};

const NONE: Activity = { writes: 0, events: 0, attempts: 0 };
const KINDS = ['SimulationJob', 'TrainingJob'] as const;

type Event = Thing & { regarding?: { kind?: string; name?: string }; series?: { count: number } };

/** By job of the namespace, as `simulationjobs/NAME` or `trainingjobs/NAME`. Rests on names that are not used twice. */
export async function activityOf(bed: Bed, namespace: string): Promise<Map<string, Activity>> {
  const found = new Map<string, Activity>();
  const add = (kind: string, name: string, change: (before: Activity) => Partial<Activity>): void => {
    const before = found.get(`${kind}/${name}`) ?? NONE;
    found.set(`${kind}/${name}`, { ...before, ...change(before) });
  };
  const pluralOf = (kind = ''): string => `${kind.toLowerCase()}s`;
  for (const write of await bed.audit.writes()) {
    const kind = KINDS.find((each) => write.includes(`${pathOf(each, namespace)}/`));
    const name = /jobs\/([^/?]+)/.exec(write)?.[1];
    if (kind && name !== undefined) add(pluralOf(kind), name, ({ writes }) => ({ writes: writes + 1 }));
  }
  for (const { regarding, series } of await bed.api.list<Event>(pathOf('Event', namespace))) {
    if (!KINDS.some((kind) => kind === regarding?.kind)) continue;
    const count = series?.count ?? 1;
    add(pluralOf(regarding?.kind), regarding?.name ?? '', ({ events }) => ({ events: events + count }));
  }
  for (const { kind, object } of bed.history.entries) {
    if (!KINDS.some((each) => each === kind) || object.metadata.namespace !== namespace) continue;
    const seen = object.status?.attempts ?? 0;
    add(pluralOf(kind), object.metadata.name, ({ attempts }) => ({ attempts: Math.max(attempts, seen) }));
  }
  return found;
}
