/**
 * Kubernetes quantities without float loss. A quantity is read into a whole number of the resource's base unit:
 * millicores for `cpu`, one for everything else (bytes, devices). Digits beyond the base unit are rounded away
 * from zero, as the API server does (apimachinery `resource.Quantity.Value`, `MilliValue`).
 */
const SUFFIX: Record<string, [base: bigint, exponent: number]> = {
  '': [10n, 0],
  n: [10n, -9],
  u: [10n, -6],
  m: [10n, -3],
  k: [10n, 3],
  M: [10n, 6],
  G: [10n, 9],
  T: [10n, 12],
  P: [10n, 15],
  E: [10n, 18],
  Ki: [2n, 10],
  Mi: [2n, 20],
  Gi: [2n, 30],
  Ti: [2n, 40],
  Pi: [2n, 50],
  Ei: [2n, 60],
};

/**
 * What the CRDs accept: the API server's own pattern without negative amounts, which nothing can need, and without
 * exponents such as `1e0.5`, which its pattern lets through and its parser refuses.
 */
export const QUANTITY_PATTERN = '^[+]?([0-9]+([.][0-9]*)?|[.][0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]{1,3})?$';

const PARTS = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,3})|([KMGTPE]i|[numkMGTPE]))?$/;

/** Kubernetes caps a quantity at 2^63 - 1 and so do we. */
const MAX = 2n ** 63n - 1n;

export class QuantityError extends Error {}

/** Value of `text` in units of 10^-`scale`, rounded away from zero. Throws QuantityError on anything that is not a quantity. */
function scaled(text: string, scale: number): bigint {
  const match = PARTS.exec(text);
  const [, sign, whole = '', fraction = '', scientific, exponentText, suffix = ''] = match ?? [];
  if (!match || whole + fraction === '') throw new QuantityError(`"${text}" is not a quantity such as 500m, 2 or 16Gi`);
  const [base, power] = scientific ? ([10n, Number(exponentText)] as const) : (SUFFIX[suffix] ?? [10n, 0]);
  let numerator = BigInt(whole + fraction);
  let denominator = 10n ** BigInt(fraction.length);
  if (power >= 0) numerator *= base ** BigInt(power);
  else denominator *= base ** BigInt(-power);
  numerator *= 10n ** BigInt(scale);
  const magnitude = (numerator + denominator - 1n) / denominator;
  const capped = magnitude > MAX ? MAX : magnitude;
  return sign === '-' ? -capped : capped;
}

/**
 * `text` in the base unit of `resource`: millicores for cpu, whole units (bytes, devices) otherwise. Whole numbers up
 * to 2^53 are exact; beyond (9 PB of memory) the nearest double is returned.
 */
export function parseQuantity(resource: string, text: string | number): number {
  return Number(scaled(String(text), resource === 'cpu' ? 3 : 0));
}

const BINARY = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/** The shortest exact way to write `value` (base unit of `resource`) as people write it: `1500m`, `4`, `16Gi`. */
export function formatQuantity(resource: string, value: number): string {
  if (resource === 'cpu') return value % 1000 === 0 ? String(value / 1000) : `${value}m`;
  if (resource !== 'memory' && !resource.includes('storage')) return String(value);
  let step = 0;
  let rest = value;
  while (rest !== 0 && rest % 1024 === 0 && step < BINARY.length - 1) {
    rest /= 1024;
    step += 1;
  }
  return `${rest}${BINARY[step] ?? ''}`;
}
