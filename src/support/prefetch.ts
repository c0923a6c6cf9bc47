/** @file Produces the next item of a sequence while the current one is being used. */

/** Yields the items of `source` in order, always one item ahead. Errors arrive where their item would have. */
export async function* prefetch<T>(source: AsyncIterable<T>): AsyncGenerator<T> {
  const iterator = source[Symbol.asyncIterator]();
  let next = settled(iterator.next());
  try {
    for (;;) {
      const current = await next;
      if ('error' in current) throw current.error;
      if (current.value.done) return;
      next = settled(iterator.next());
      yield current.value.value;
    }
  } finally {
    await next;
    await iterator.return?.();
  }
}

/** Holds a rejection until it is asked for, so that none goes unhandled. */
function settled<T>(promise: Promise<T>): Promise<{ value: T } | { error: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
}
