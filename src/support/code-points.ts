/** @file Text in code-point order, as Python sorts it. */

/** Compares by code point for `sort`; JavaScript's own order, by UTF-16 unit, differs above U+D7FF. */
export function compareCodePoints(a: string, b: string): number {
  for (let i = 0; i < a.length && i < b.length; ) {
    const left = a.codePointAt(i)!;
    const right = b.codePointAt(i)!;
    if (left !== right) return left - right;
    i += left > 0xffff ? 2 : 1;
  }
  return a.length - b.length;
}
