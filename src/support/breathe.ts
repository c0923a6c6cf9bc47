/** @file Lets the event loop turn during long synchronous work, so that Ctrl-C, timers and a page stay alive. */

const interval = 50; // ms: fast enough for a person, too seldom to cost anything
let last = 0;

/** Waits for one turn of the event loop, if none was given for 50 ms. */
export async function breathe(): Promise<void> {
  if (performance.now() - last < interval) return;
  await new Promise((resolve) => setTimeout(resolve, 0));
  last = performance.now();
}
