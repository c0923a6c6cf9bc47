/** @file Opens scran.js, the WebAssembly build of the scran and umappp libraries, for one computation at a time. */

type Scran = typeof import('scran.js');

let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a computation with scran.js loaded, after those that were asked for before it, and ends its threads.
 *
 * One thread: more change no result and little time here, and in a page they need special headers to share memory.
 */
export function withScran<T>(compute: (scran: Scran) => Promise<T>): Promise<T> {
  const result = last.then(async () => {
    const scran = await import('scran.js');
    // `localFile` would look in the wrong folder when the path has a space
    await scran.initialize({ numberOfThreads: 1, localFile: false });
    try {
      return await compute(scran);
    } finally {
      scran.terminate();
    }
  });
  last = result.catch(() => undefined);
  return result;
}
