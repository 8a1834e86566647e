/** Colours as the style sheet has them, which differ between light and dark. */

/** @typedef {[number, number, number]} Colour */

/** @typedef {{ ordered: Colour[], named: Colour[], css: (name: string) => string }} Palette */

/** @param {string} hex @returns {Colour} */
function parsed(hex) {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

/** @returns {Palette} */
export function palette() {
  const style = getComputedStyle(document.documentElement);
  /** @param {string} name */
  const css = (name) => style.getPropertyValue(`--${name}`).trim();
  /** @param {string} prefix @param {number} count */
  const row = (prefix, count) => Array.from({ length: count }, (_, i) => parsed(css(`${prefix}${i}`)));
  return { ordered: row('ordered-', 6), named: row('named-', 8), css };
}
