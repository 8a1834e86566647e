/** What Prometheus is asked: joules of each member or node of a gang over the time that it computed. */
import type { Family } from './families.ts';

/** A gang that computed. */
export type Gang = {
  readonly namespace: string;
  /** Name of its attempt; its pods add the member. */
  readonly attempt: string;
  readonly members: number;
  /** Members on each node. */
  readonly nodes: ReadonlyMap<string, number>;
  /** Accelerators of each member. */
  readonly devices: number;
};

/** Seconds since the epoch. */
export type Span = { readonly from: number; readonly to: number };

/** Least seconds of a run that is measured: a hundred ticks of NVML's counter, which are 0.1 s apart. */
export const LEAST_SECONDS = 10;
/**
 * Least readings of a run. Its two ends fall between readings and are taken to be like the rest, so what is unseen is at
 * most one part in so many at each end.
 */
const LEAST_READINGS = 20;
/** The first and the last part of so many must hold a reading: else only some of the run was watched. */
const PARTS = 10;

const quoted = (text: string): string => JSON.stringify(text);
const literal = (text: string): string => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`);
const milliseconds = (seconds: number): string => `${Math.round(seconds * 1000)}ms`;

/** Label of the answer that names the owner. */
export const ownerLabel = ({ owner }: Family): string => ('pod' in owner ? owner.pod : owner.node);

function selector({ metric, owner, only }: Family, { namespace, attempt, nodes }: Gang): string {
  const whose =
    'pod' in owner
      ? [`${owner.namespace}=${quoted(namespace)}`, `${owner.pod}=~${quoted(`${literal(attempt)}-[0-9]+`)}`]
      : [`${owner.node}=~${quoted([...nodes.keys()].map(literal).join('|'))}`];
  return `${metric}{${[...whose, ...only].join(',')}}`;
}

/**
 * Joules of each part that was watched well over the whole run. `increase` takes a counter that went back for one that
 * began anew. Series that differ in job or instance alone tell the same twice: the largest counts.
 */
function joulesOfParts(family: Family, gang: Gang, { from, to }: Span): string {
  const series = selector(family, gang);
  const seconds = to - from;
  const over = `${series}[${milliseconds(seconds)}]`;
  const atEnd = `${series}[${milliseconds(seconds / PARTS)}]`;
  const atStart = `${atEnd} offset ${milliseconds(seconds - seconds / PARTS)}`;
  const [value, readings] =
    family.type === 'counter'
      ? [`increase(${over})`, `changes(${over})`]
      : [`avg_over_time(${over})`, `count_over_time(${over})`];
  const watched = `count_over_time(${atStart}) and count_over_time(${atEnd}) and ${readings} >= ${LEAST_READINGS}`;
  const by = [ownerLabel(family), ...family.parts].join(', ');
  const unit = family.type === 'counter' ? family.unit : family.unit * seconds;
  return `max by (${by}) (${value} and ${watched}) * ${unit}`;
}

const labelled = (expression: string, label: string, value: string): string =>
  `label_replace(${expression}, ${quoted(label)}, ${quoted(value)}, "", "")`;

/**
 * One instant query, to be asked for the time `span.to`. Each sample of the answer tells, by its labels `family` and
 * `figure`, the `joules` of an owner or of how many parts (`count`) they are the sum.
 */
export function energyQuery(families: readonly Family[], gang: Gang, span: Span): string {
  return families
    .flatMap((family) => {
      const parts = joulesOfParts(family, gang, span);
      const owner = ownerLabel(family);
      return (['sum', 'count'] as const).map((how) => {
        const total = `${how} by (${owner}) (${parts})`;
        return labelled(labelled(total, 'family', family.name), 'figure', how === 'sum' ? 'joules' : 'count');
      });
    })
    .join('\nor ');
}
