/** HTML that escapes what is put into it: nothing from a trace can become markup. */

/** Finished markup; anything else is text and is escaped. */
export type Html = { readonly html: string };

type Part = Html | string | number | readonly Part[] | false;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ESCAPES[character] ?? character);
}

function render(part: Part): string {
  if (part === false) return '';
  if (typeof part === 'string') return escape(part);
  if (typeof part === 'number') return String(part);
  return 'html' in part ? part.html : part.map(render).join('');
}

/** Tag of a template: html`<b>${name}</b>`. `false` leaves nothing. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  return { html: strings.map((text, i) => text + (i < parts.length ? render(parts[i] as Part) : '')).join('') };
}

/** Markup from our own files, taken as it is. */
export function trusted(markup: string): Html {
  return { html: markup };
}
