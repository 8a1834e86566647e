/** The part of time and of the lanes that is looked at. */

/**
 * @typedef {{ from: number, to: number, top: number, bottom: number }} Window
 * Seconds [from, to] and lanes [top, bottom].
 */

/** Nothing happens in less than a second. */
const SHORTEST = 1;

/** Times between `from` and `to`, kept inside the run. @param {Window} window @param {number} span */
export function within(window, span) {
  const length = Math.min(span, Math.max(SHORTEST, window.to - window.from));
  const from = Math.min(Math.max(0, window.from), span - length);
  return { ...window, from, to: from + length };
}

/**
 * Closer (factor below 1) or further around `at`.
 * @param {Window} window @param {number} factor @param {number} span
 */
export function zoomed(window, factor, span, at = (window.from + window.to) / 2) {
  const from = at - (at - window.from) * factor;
  const to = at + (window.to - at) * factor;
  return within({ ...window, from, to }, span);
}

/** Later by a share of the window. @param {Window} window @param {number} share @param {number} span */
export function panned(window, share, span) {
  const by = (window.to - window.from) * share;
  return within({ ...window, from: window.from + by, to: window.to + by }, span);
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200];

/** Round times, at most `most`. @param {number} from @param {number} to @param {number} most */
export function timeTicks(from, to, most) {
  const least = (to - from) / Math.max(1, most);
  const step = STEPS.find((each) => each >= least) ?? 86_400 * roundUp(least / 86_400);
  return { step, ticks: multiples(from, to, step) };
}

/** Round values from 0 on. @param {number} to @param {number} most */
export function valueTicks(to, most) {
  return multiples(0, to, roundUp(to / Math.max(1, most)));
}

/** 1, 2 or 5 times a power of ten. @param {number} value */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(Math.max(value, 1e-9)));
  return power * ([1, 2, 5].find((digit) => digit * power >= value * 0.999) ?? 10);
}

/** @param {number} from @param {number} to @param {number} step */
function multiples(from, to, step) {
  const first = Math.ceil(from / step - 1e-9);
  const count = Math.max(0, Math.floor(to / step + 1e-9) - first + 1);
  return Array.from({ length: count }, (_, i) => (first + i) * step);
}
