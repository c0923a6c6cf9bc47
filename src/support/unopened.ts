/** @file Why a path could not be opened, in words. */

/** What the file system's error means to a user; `what` is what should have been there. */
export function whyNotOpened(cause: unknown, what = 'file'): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return `there is no such ${what}`;
  if (code === 'EACCES' || code === 'EPERM') return `there is no permission to read the ${what}`;
  return `the ${what} cannot be opened: ${code ?? cause}`;
}
