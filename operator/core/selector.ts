/** Labels against selectors and taints against tolerations, with the semantics of kube-scheduler. */
import type { Node, Requirement, Selector, Taint, Toleration } from './model.ts';

type Labels = Node['labels'];

const WHOLE = /^[+-]?\d+$/;

/** `Gt` and `Lt` compare whole numbers of 64 bits; anything else never matches. */
function compare(label: string | undefined, bound: string | undefined): bigint | undefined {
  if (label === undefined || bound === undefined || !WHOLE.test(label) || !WHOLE.test(bound)) return undefined;
  return BigInt(label) - BigInt(bound);
}

function meets(labels: Labels, { key, operator, values = [] }: Requirement): boolean {
  const label = labels[key];
  switch (operator) {
    case 'In':
      return label !== undefined && values.includes(label);
    case 'NotIn':
      // As in Kubernetes, a node without the label is not in the set.
      return label === undefined || !values.includes(label);
    case 'Exists':
      return label !== undefined;
    case 'DoesNotExist':
      return label === undefined;
    case 'Gt':
      return (compare(label, values[0]) ?? 0n) > 0n;
    case 'Lt':
      return (compare(label, values[0]) ?? 0n) < 0n;
    default:
      return operator satisfies never;
  }
}

/** Whether `labels` carry every pair of `wanted`. */
export function carries(labels: Labels, wanted: Readonly<Record<string, string>>): boolean {
  for (const key in wanted) if (labels[key] !== wanted[key]) return false;
  return true;
}

/** Whether `labels` meet every requirement of `selector`; an empty selector matches all. */
export function matches(labels: Labels, { matchLabels = {}, matchExpressions = [] }: Selector): boolean {
  return carries(labels, matchLabels) && matchExpressions.every((requirement) => meets(labels, requirement));
}

/** Whether `toleration` tolerates `taint`: an absent key (with Exists) means every key, an absent effect every effect. */
function tolerates({ key = '', operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect !== undefined && effect !== taint.effect) return false;
  if (key === '') return operator === 'Exists';
  if (key !== taint.key) return false;
  return operator === 'Exists' || value === (taint.value ?? '');
}

/** The taints that none of `tolerations` tolerates. */
export function untolerated(taints: readonly Taint[], tolerations: readonly Toleration[]): readonly Taint[] {
  if (taints.length === 0) return taints;
  return taints.filter((taint) => !tolerations.some((toleration) => tolerates(toleration, taint)));
}
