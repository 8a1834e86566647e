/** Building blocks of the schemas: every string bounded, every list bounded, so that CEL stays within its cost budget. */
import { z } from 'zod';
import { DURATION_PATTERN } from './duration.ts';
import { QUANTITY_PATTERN } from './quantity.ts';
import { type Rule, ruled } from './rule.ts';
import { TIME_PATTERN } from './time.ts';

const LABEL = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$';
const OBJECT_NAME = '^[a-z0-9]([-a-z0-9]*[a-z0-9])?([.][a-z0-9]([-a-z0-9]*[a-z0-9])?)*$';
const LABEL_KEY = '^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$';
const LABEL_VALUE = '^([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?$';

/** What people call a string of this pattern. */
export const PATTERN_NAMES: Readonly<Record<string, string>> = {
  [LABEL]: 'label',
  [OBJECT_NAME]: 'name',
  [LABEL_KEY]: 'label key',
  [LABEL_VALUE]: 'label value',
  [DURATION_PATTERN]: 'duration',
  [QUANTITY_PATTERN]: 'quantity',
  [TIME_PATTERN]: 'time',
};

/** A DNS-1123 label: names of objects that become part of pod or host names. */
export const label = () =>
  z.string().min(1).max(63).regex(new RegExp(LABEL), 'must be lower case letters, digits and hyphens');

/** A DNS-1123 subdomain: names of objects in general. */
export const objectName = () =>
  z
    .string()
    .min(1)
    .max(253)
    .regex(new RegExp(OBJECT_NAME), 'must be the name of an object: lower case letters, digits, hyphens and dots');

export const text = (maxLength: number) => z.string().max(maxLength);

const AT_LEAST_A_SECOND: Rule<string> = {
  cel: "self.matches('[1-9]')",
  message: 'a duration must be at least one second',
  holds: (self) => /[1-9]/.test(self),
};

export const duration = () =>
  ruled(
    z.string().min(2).max(24).regex(new RegExp(DURATION_PATTERN), 'must be a duration such as 90s, 30m, 2h or 1h30m'),
    [AT_LEAST_A_SECOND],
  );

const NOT_A_QUANTITY = 'must be a quantity such as 500m, 2 or 16Gi; put quotes around a fraction, "0.5"';

/** A Kubernetes quantity, written as a string (`500m`, `16Gi`) or a whole number. */
export const quantity = () =>
  z
    .union(
      [z.string().max(32).regex(new RegExp(QUANTITY_PATTERN), NOT_A_QUANTITY), z.int().min(0, NOT_A_QUANTITY)],
      NOT_A_QUANTITY,
    )
    .meta({ 'x-kubernetes-int-or-string': true });

/** zod has no upper bound on records, so the bound is checked here and told to the CRD as metadata. */
function map<V extends z.ZodType>(maxEntries: number, value: V) {
  return z
    .record(z.string(), value)
    .refine((entries) => Object.keys(entries).length <= maxEntries, `may have at most ${maxEntries} entries`)
    .meta({ maxProperties: maxEntries });
}

const LABEL_KEYS: Rule<Record<string, string>> = {
  cel: `self.all(k, k.matches('${LABEL_KEY}'))`,
  message:
    'a key must be a name of at most 63 letters, digits, hyphens, dots and underscores, after an optional DNS prefix and a slash',
  holds: (self) => Object.keys(self).every((key) => new RegExp(LABEL_KEY).test(key)),
};

/** Key of one label, e.g. `topology.kubernetes.io/zone`. */
export const labelKey = () =>
  z
    .string()
    .min(1)
    .max(317)
    .regex(new RegExp(LABEL_KEY), 'must be the key of a label, e.g. topology.kubernetes.io/zone');

export const labels = (maxEntries: number, rules: readonly Rule<Record<string, string>>[] = []) =>
  ruled(map(maxEntries, z.string().max(63).regex(new RegExp(LABEL_VALUE), 'must be the value of a label')), [
    LABEL_KEYS,
    ...rules,
  ]);

export const annotations = (maxEntries: number, rules: readonly Rule<Record<string, string>>[] = []) =>
  ruled(map(maxEntries, z.string().max(4096)), [LABEL_KEYS, ...rules]);

function resourceNames(plain: readonly string[]): Rule<Record<string, string | number>> {
  return {
    cel: `self.all(k, k in [${plain.map((p) => `'${p}'`).join(', ')}] || k.startsWith('hugepages-') || k.matches('^[^/]+/[^/]+$'))`,
    message: `a resource is ${plain.join(', ')}, hugepages-<size>, or a device with its vendor such as nvidia.com/gpu`,
    holds: (self) =>
      Object.keys(self).every((k) => plain.includes(k) || k.startsWith('hugepages-') || /^[^/]+\/[^/]+$/.test(k)),
  };
}

/** Quantities by resource name, as a container asks for them, e.g. `{cpu: 4, memory: 16Gi, nvidia.com/gpu: 1}`. */
export const resourceMap = () => ruled(map(16, quantity()), [resourceNames(['cpu', 'memory', 'ephemeral-storage'])]);

/** What may be charged to a queue: a member's resources, and the number of its pods. */
export const quotaMap = () =>
  ruled(map(16, quantity()), [resourceNames(['cpu', 'memory', 'ephemeral-storage', 'pods'])]);

/** Sums that the operator reports: any name that a node offers may occur. */
export const resourceSums = () => map(64, quantity());

/** A list in which `key` is unique, so that server-side apply merges it entry by entry. */
export function listMap<T extends z.ZodType<Record<string, unknown>>>(item: T, key: string, maxItems: number) {
  return z
    .array(item)
    .max(maxItems)
    .superRefine((list, context) => {
      const seen = new Set<unknown>();
      for (const [index, entry] of list.entries()) {
        if (seen.has(entry[key])) {
          context.addIssue({ code: 'custom', path: [index, key], message: `"${String(entry[key])}" stands twice` });
        }
        seen.add(entry[key]);
      }
    })
    .meta({ 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] });
}

export const timestamp = () => z.string().max(40).meta({ format: 'date-time' });

/** A time that users write. The format makes it a timestamp in CEL, the pattern refuses what only some parsers take for one. */
export const moment = () =>
  z
    .string()
    .max(40)
    .regex(new RegExp(TIME_PATTERN), 'must be a time such as 2026-08-01T06:00:00Z or 2026-08-01T08:00:00+02:00')
    .meta({ format: 'date-time' });

const condition = () =>
  z
    .object({
      type: text(316).describe('Name of the condition, in CamelCase.'),
      status: z.enum(['True', 'False', 'Unknown']).describe('Whether the condition holds.'),
      observedGeneration: z.int().min(0).optional().describe('Generation of the object that this was judged from.'),
      lastTransitionTime: timestamp().describe('When `status` last changed.'),
      reason: text(1024).describe('Why, as one CamelCase word from the table of reasons.'),
      message: text(4096).describe('Why, in a sentence with figures.'),
    })
    .describe('One observation of the state of the object, in the standard form.');

export const conditions = () =>
  listMap(condition(), 'type', 16).describe('Standard conditions, for kubectl wait and for tools.');
