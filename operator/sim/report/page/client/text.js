/** Numbers and spans of time in words, as the tables write them. */

/** @param {number} value @param {number} [digits] */
export function number(value, digits = 0) {
  return value.toLocaleString('en', { maximumFractionDigits: digits });
}

/** `2 d 3 h`, `42 s`: two units at most. @param {number} seconds @returns {string} */
export function span(seconds) {
  if (seconds < 0) return `−${span(-seconds)}`;
  if (seconds < 59.5) return `${number(seconds, seconds < 10 ? 1 : 0)} s`;
  if (seconds < 3599.5) return two(Math.round(seconds), 60, 'min', 's');
  if (seconds < 86_370) return two(Math.round(seconds / 60), 60, 'h', 'min');
  return two(Math.round(seconds / 3600), 24, 'd', 'h');
}

/** @param {number} parts @param {number} perUnit @param {string} unit @param {string} part */
function two(parts, perUnit, unit, part) {
  const whole = `${number(Math.floor(parts / perUnit))} ${unit}`;
  return parts % perUnit === 0 ? whole : `${whole} ${parts % perUnit} ${part}`;
}

/** A moment since the first submission: `12 d 06:30`. @param {number} seconds @param {boolean} [exact] */
export function moment(seconds, exact = false) {
  const rounded = Math.round(seconds);
  const day = Math.floor(rounded / 86_400);
  const rest = rounded - day * 86_400;
  /** @param {number} value */
  const pad = (value) => String(value).padStart(2, '0');
  const time = `${pad(Math.floor(rest / 3600))}:${pad(Math.floor((rest % 3600) / 60))}`;
  return `${number(day)} d ${time}${exact ? `:${pad(rest % 60)}` : ''}`;
}

/** @param {number} share */
export function percent(share) {
  return `${(100 * share).toFixed(1)} %`;
}
