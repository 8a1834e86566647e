/** Durations as people write them in manifests: `90s`, `30m`, `2h`, `1h30m`: hours, minutes, seconds, in that order, as CEL's duration() reads them. */
export const DURATION_PATTERN = '^([0-9]{1,6}h)?([0-9]{1,7}m)?([0-9]{1,8}s)?$';

const PARTS = /^(?:(\d{1,6})h)?(?:(\d{1,7})m)?(?:(\d{1,8})s)?$/;

/** Seconds of `text`. Throws RangeError on anything else than a duration of at least a second. */
export function parseDuration(text: string): number {
  const [, hours = 0, minutes = 0, seconds = 0] = PARTS.exec(text) ?? [];
  const total = Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
  if (!(total > 0)) throw new RangeError(`"${text}" is not a duration such as 90s, 30m, 2h or 1h30m`);
  return total;
}

/** `seconds` rounded to what a reader needs: two units at most (`2h5m`, `45s`, `3d4h`). */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const units = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'm'],
    [whole % 60, 's'],
  ] as const;
  const first = units.findIndex(([n]) => n > 0);
  if (first < 0) return '0s';
  return units
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n}${unit}`)
    .join('');
}
