/** @file Recognises what downloads leave in place of a file that they did not get. */

/** What the beginning of a file shows it to be, as a sentence; undefined when it is none of these. */
export function downloadLeftover(beginning: string): string | undefined {
  const start = beginning.slice(0, 64).trimStart().toLowerCase();
  if (start.startsWith('version https://git-lfs')) return 'this is a Git LFS pointer, not the file itself';
  if (start.startsWith('<!doctype html') || start.startsWith('<html')) {
    return 'this is a web page, as a download that was refused or asked for confirmation leaves';
  }
  return undefined;
}
