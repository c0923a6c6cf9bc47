/** @file Items one by one, with word of which is the last. */

/** Each item, and whether it is the last: one item is held back. */
export async function* knowingTheLast<T>(
  items: AsyncIterable<T>,
): AsyncGenerator<readonly [item: T, isLast: boolean]> {
  let held: { readonly item: T } | undefined;
  for await (const item of items) {
    if (held !== undefined) yield [held.item, false];
    held = { item };
  }
  if (held !== undefined) yield [held.item, true];
}
