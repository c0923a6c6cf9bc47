/** @file HTML with everything escaped by default: the only way text gets into a report. */

/** Text that is HTML already. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What may stand in a template; arrays are joined. */
export type Content = string | number | Markup | readonly Content[];

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
/** C0 controls but tab and line ends are no characters of HTML. */
const control = '\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f';
const special = new RegExp(`[&<>"'${control}]`, 'g');

/** Text made safe for element content and quoted attributes; control characters become U+FFFD. */
export function escapeText(text: string): string {
  return text.replace(special, (character) => entities[character] ?? '\ufffd');
}

/** A template whose values are escaped, but for those that are markup. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Markup {
  return new Markup(parts.reduce((text, part, i) => text + markupOf(values[i - 1]) + part));
}

function markupOf(value: Content): string {
  if (value instanceof Markup) return value.text;
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return escapeText(String(value));
  return value.map(markupOf).join('');
}

/** Nothing. */
export const none = new Markup('');

/** A value as JSON that may stand inside a script element: no text can close it. */
export function scriptJson(value: unknown): Markup {
  const json = JSON.stringify(value);
  return new Markup(
    json.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}
