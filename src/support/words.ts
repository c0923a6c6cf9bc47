/** @file Counts and words as people read them in messages and reports. */

/** A count with thousands separated: `2,638`. */
export function count(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 cell`, `2 cells`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/** With a capital first letter, to begin a sentence. */
export function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
