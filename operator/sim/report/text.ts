/** Words, numbers and tables for a terminal and for the page. */

const SPANS = [
  { unit: 'd', seconds: 86_400, next: 'h', part: 3600 },
  { unit: 'h', seconds: 3600, next: 'min', part: 60 },
  { unit: 'min', seconds: 60, next: 's', part: 1 },
] as const;

/** `2 d 3 h`, `1 h 55 min`, `42 s`, `0.4 s`: two units at most. */
export function duration(seconds: number): string {
  if (seconds < 0) return `−${duration(-seconds)}`;
  if (seconds < 59.5) return `${seconds < 10 ? decimal(seconds, 1) : Math.round(seconds)} s`;
  for (const { unit, seconds: size, next, part } of SPANS) {
    const parts = Math.round(seconds / part);
    const perUnit = size / part;
    if (parts < perUnit) continue;
    const rest = parts % perUnit;
    const whole = `${Math.floor(parts / perUnit)} ${unit}`;
    return rest === 0 ? whole : `${whole} ${rest} ${next}`;
  }
  return `${Math.round(seconds)} s`;
}

/** `28,467.5`; without superfluous zeros. Written by hand because a locale's data may differ between machines. */
export function decimal(value: number, digits = 0): string {
  const [whole = '', fraction = ''] = Math.abs(value).toFixed(digits).split('.');
  const tail = fraction.replace(/0+$/, '');
  const text = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (tail === '' ? '' : `.${tail}`);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** The same number of digits in every row, so that a column lines up. */
export function fixed(value: number, digits: number): string {
  const [whole = '', fraction] = Math.abs(value).toFixed(digits).split('.');
  const text = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`);
  return value < 0 && /[1-9]/.test(text) ? `−${text}` : text;
}

/** Of little, but not of nothing, it does not say `0.0 %`. */
export function percent(share: number, digits = 1): string {
  const least = 10 ** -digits;
  if (share > 0 && 100 * share < least / 2) return `< ${least} %`;
  return `${fixed(100 * share, digits)} %`;
}

export function plural(count: number, noun: string): string {
  return `${decimal(count)} ${noun}${count === 1 ? '' : 's'}`;
}

/** Text of a trace on one line: control characters could move a terminal's cursor or colour it. */
export function clean(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').trim();
}

/** A value of the setup in words: `name powers, width 1`, lists and records inside others in parentheses. */
export function settingText(value: unknown, inside = false): string {
  if (typeof value !== 'object' || value === null) return clean(String(value));
  const parts = Array.isArray(value)
    ? value.map((item) => settingText(item, true))
    : Object.entries(value).map(([name, item]) => `${clean(name)} ${settingText(item, true)}`);
  const text = parts.length === 0 ? 'none' : parts.join(', ');
  return inside && parts.length > 1 ? `(${text})` : text;
}

/** Columns aligned: the first `words` to the left, the others, which are numbers, to the right. The first row is the head. */
export function table(rows: readonly (readonly string[])[], words = 1): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [i, cell] of row.entries()) widths[i] = Math.max(widths[i] ?? 0, cell.length);
  }
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i < words ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}

/** Long names would push the figures out of sight. */
export function shortened(text: string, most = 32): string {
  const cleaned = clean(text);
  return cleaned.length <= most ? cleaned : `${cleaned.slice(0, most - 1)}…`;
}
